// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import io.margay.http.FrameListener;
import io.margay.http.WebSocketFault;
import io.margay.dispatch.AppRequest;
import io.margay.posix.Fd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A request of a client that does not exist. */
final class TestRequest implements AppRequest {

    /** What the client got: a status, field lines, body, and whether all of it came. */
    record Answer(int status, String fields, byte[] body, boolean complete) {
        String text() {
            return new String(body, StandardCharsets.ISO_8859_1);
        }
    }

    final CompletableFuture<Answer> answer = new CompletableFuture<>();
    final List<String> names = new ArrayList<>();
    final List<String> values = new ArrayList<>();
    String method = "GET";
    String path;
    String query = "";
    int target;
    boolean tls;
    byte[] body = new byte[0];
    Optional<Fd> file = Optional.empty();
    long length;
    volatile boolean writable = true;
    volatile int received;
    volatile Optional<Runnable> wake = Optional.empty();
    private Optional<Runnable> lost = Optional.empty();
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private int status;
    private String fields = "";

    TestRequest(String uri) {
        int mark = uri.indexOf('?');
        path = mark < 0 ? uri : uri.substring(0, mark);
        query = mark < 0 ? "" : uri.substring(mark + 1);
    }

    TestRequest body(byte[] bytes) {
        method = "POST";
        body = bytes;
        length = bytes.length;
        return field("Content-Length", Integer.toString(bytes.length));
    }

    TestRequest field(String name, String value) {
        names.add(name);
        values.add(value);
        return this;
    }

    Answer await() {
        return answer.orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Override
    public AsciiString method() {
        return AsciiString.of(method);
    }

    @Override
    public AsciiString target() {
        return AsciiString.of(query.isEmpty() ? path : path + "?" + query);
    }

    @Override
    public AsciiString path() {
        return new AsciiString(path.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public AsciiString query() {
        return AsciiString.of(query);
    }

    @Override
    public AsciiString version() {
        return AsciiString.of("HTTP/1.1");
    }

    @Override
    public AsciiString remoteAddress() {
        return AsciiString.of("127.0.0.2");
    }

    @Override
    public AsciiString localAddress() {
        return AsciiString.of("127.0.0.1");
    }

    @Override
    public AsciiString localPort() {
        return AsciiString.of("8080");
    }

    @Override
    public AsciiString serverName() {
        return AsciiString.of("localhost");
    }

    @Override
    public boolean tls() {
        return tls;
    }

    @Override
    public int targetIndex() {
        return target;
    }

    @Override
    public int fieldCount() {
        return names.size();
    }

    @Override
    public AsciiString fieldName(int index) {
        return AsciiString.of(names.get(index));
    }

    @Override
    public AsciiString fieldValue(int index) {
        return new AsciiString(values.get(index).getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public long contentLength() {
        return length;
    }

    @Override
    public ByteBuf body() {
        return file.isPresent() ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body);
    }

    @Override
    public Optional<Fd> bodyFile() {
        return file;
    }

    @Override
    public boolean isDone() {
        return answer.isDone();
    }

    @Override
    public void fail(int error) {
        answer.complete(new Answer(error, "", new byte[0], true));
    }

    @Override
    public void abort() {
        answer.complete(new Answer(status, fields, content.toByteArray(), false));
    }

    @Override
    public boolean start(int code, ByteBuf lines) {
        status = code;
        fields = lines.toString(StandardCharsets.ISO_8859_1);
        return true;
    }

    @Override
    public void write(ByteBuf data, boolean last) {
        byte[] bytes = new byte[data.readableBytes()];
        data.readBytes(bytes);
        data.release();
        content.writeBytes(bytes);
        received += bytes.length;
        if (last) {
            answer.complete(new Answer(status, fields, content.toByteArray(), true));
        }
    }

    @Override
    public void flush() {
        // Nothing is held back here.
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public void onWritable(Runnable action) {
        wake = Optional.of(action);
    }

    @Override
    public void onLost(Runnable action) {
        lost = Optional.of(action);
    }

    /** The client leaves; on the loop of the request. */
    void leave() {
        if (answer.complete(new Answer(-1, fields, content.toByteArray(), false))) {
            lost.ifPresent(Runnable::run);
            wake.ifPresent(Runnable::run);
        }
    }

    @Override
    public boolean upgrade(ByteBuf fields, FrameListener listener) {
        throw new UnsupportedOperationException("it is none for a WebSocket");
    }

    @Override
    public void resume() {
        throw new UnsupportedOperationException("it is none for a WebSocket");
    }

    @Override
    public void close(WebSocketFault fault) {
        throw new IllegalStateException("no WebSocket");
    }
}

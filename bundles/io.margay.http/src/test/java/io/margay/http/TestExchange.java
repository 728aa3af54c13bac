// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.posix.Fd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** An exchange of a protocol that writes down what it is told: {@code head 200 [A=b] 3|data abc|end|}. */
final class TestExchange extends BaseExchange {
    final StringBuilder wire = new StringBuilder();
    final List<String> log;
    final List<ByteBuf> buffers = new ArrayList<>();
    /** All data that was sent. */
    final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    boolean head;
    boolean writable = true;
    /** Fields of the request. */
    Fields fields = Fields.NONE;
    /** Makes a session of frames when the protocol is switched; a request for a WebSocket then. */
    Optional<Function<FrameListener, FrameSession>> switching = Optional.empty();

    private TestExchange(EmbeddedChannel channel, List<String> log, HttpSettings settings, LongSupplier nanos) {
        super(new HttpLoop(channel.eventLoop(), 0, "1", (level, text) -> log.add(level.word() + " " + text), nanos),
            settings, new Timings());
        this.log = log;
        path(AsciiString.of("/p"));
    }

    TestExchange() {
        this(HttpSettings.DEFAULTS.change().maxResponseHeadSize(100).build(), () -> 7);
    }

    TestExchange(HttpSettings settings, LongSupplier nanos) {
        this(new EmbeddedChannel(), new ArrayList<>(), settings, nanos);
    }

    /** Ends it as a protocol does when its client is gone. */
    void gone() {
        end(false);
    }

    static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    /** A buffer whose release is checked by {@link #leaks}. */
    ByteBuf owned(String text) {
        ByteBuf data = bytes(text);
        buffers.add(data);
        return data;
    }

    /** How many of the buffers are still held. */
    long leaks() {
        return buffers.stream().filter(data -> data.refCnt() > 0).count();
    }

    @Override
    protected void send(Answer answer, boolean withBody) {
        wire.append("answer ").append(answer.status()).append(withBody ? " body|" : "|");
    }

    @Override
    protected void send(ResponseHead made, boolean withBody) {
        wire.append("head ").append(made.status()).append(" [");
        for (int i = 0; i < made.size(); i++) {
            wire.append(i == 0 ? "" : ", ").append(made.name(i)).append('=').append(made.value(i));
        }
        wire.append("] ").append(made.contentLength()).append(withBody ? "|" : " none|");
    }

    @Override
    protected void sendData(ByteBuf data) {
        wire.append("data ").append(data.toString(StandardCharsets.ISO_8859_1)).append('|');
        sent.writeBytes(FrameBytes.taken(data.retainedSlice()));
        data.release();
    }

    @Override
    protected void sendFile(FileRegion file, Runnable sent) {
        wire.append("file ").append(file.count()).append('|');
        file.release();
        sent.run();
    }

    @Override
    protected void sendEnd(Fields trailers, boolean whole) {
        wire.append(whole ? "end" : "short end");
        for (int i = 0; i < trailers.size(); i++) {
            wire.append(' ').append(trailers.name(i)).append('=').append(trailers.value(i));
        }
        wire.append('|');
    }

    @Override
    protected void sendInterim(int code, Fields fields) {
        wire.append("interim ").append(code).append('|');
    }

    @Override
    protected void switchProtocol(FrameListener listener) {
        wire.append("switched|");
        switching.ifPresent(made -> made.apply(listener));
    }

    @Override
    public void resume() {
        wire.append("resume|");
    }

    @Override
    protected void sendNow() {
        wire.append("flush|");
    }

    @Override
    protected void lastOfConnection() {
        wire.append("last|");
    }

    @Override
    protected void release(boolean complete) {
        wire.append(complete ? "done" : "cut");
        if (frames() != null) {
            frames().close();
        }
    }

    @Override
    public long bodyBytesSent() {
        return 0;
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public void remote(PeerAddress address) {
        throw new UnsupportedOperationException();
    }

    @Override
    public AsciiString method() {
        return AsciiString.of(head ? "HEAD" : "GET");
    }

    @Override
    public boolean isGet() {
        return !head;
    }

    @Override
    public boolean isHead() {
        return head;
    }

    @Override
    public AsciiString scheme() {
        return AsciiString.of("http");
    }

    @Override
    public AsciiString authority() {
        return AsciiString.EMPTY_STRING;
    }

    @Override
    public AsciiString host() {
        return AsciiString.EMPTY_STRING;
    }

    @Override
    public AsciiString serverName() {
        return AsciiString.EMPTY_STRING;
    }

    @Override
    public AsciiString target() {
        return AsciiString.of("/p");
    }

    @Override
    public AsciiString query() {
        return AsciiString.EMPTY_STRING;
    }

    @Override
    public boolean hasQuery() {
        return false;
    }

    @Override
    public AsciiString version() {
        return AsciiString.of("TEST/1");
    }

    @Override
    public AsciiString line() {
        return AsciiString.of("GET /p TEST/1");
    }

    @Override
    public int fieldCount() {
        return fields.size();
    }

    @Override
    public AsciiString name(int field) {
        return fields.name(field);
    }

    @Override
    public AsciiString value(int field) {
        return fields.value(field);
    }

    @Override
    public int find(AsciiString name, int from) {
        for (int i = from; i < fields.size(); i++) {
            if (fields.name(i).contentEqualsIgnoreCase(name)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public int find(KnownField field) {
        for (int i = fields.size() - 1; i >= 0; i--) {
            if (known(i) == field) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public KnownField known(int field) {
        AsciiString name = fields.name(field);
        return KnownField.of(name.array(), name.arrayOffset(), name.arrayOffset() + name.length());
    }

    @Override
    public long contentLength() {
        return 0;
    }

    @Override
    public ByteBuf body() {
        return Unpooled.EMPTY_BUFFER;
    }

    @Override
    public Optional<Fd> bodyFile() {
        return Optional.empty();
    }

    @Override
    public PeerAddress remote() {
        throw new UnsupportedOperationException();
    }

    @Override
    public PeerAddress local() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isTls() {
        return false;
    }

    @Override
    public boolean isWebSocket() {
        return switching.isPresent();
    }
}

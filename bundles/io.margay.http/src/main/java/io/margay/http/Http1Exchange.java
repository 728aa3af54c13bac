// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.log.ErrorLog;
import io.margay.posix.Fd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import io.netty.util.AsciiString;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** One request and its response on an HTTP/1 connection. */
final class Http1Exchange implements Exchange {
    /** Status of a plain request to a TLS listener: sent as 400 with its own phrase. */
    static final int PLAIN_ON_TLS = 497;

    private static final AsciiString LOCALHOST = AsciiString.cached("localhost");
    private static final byte[] LAST_CHUNK = {'0', '\r', '\n', '\r', '\n'};

    /** How the body of the response ends. */
    private enum Framing { NONE, LENGTH, CHUNKED, CLOSE }

    private final HttpConnection connection;
    private final RequestHead head;
    private final boolean webSocket;
    private final boolean http10;
    private final long startNanos;
    private boolean keepAlive;
    private boolean refused;
    private boolean done;
    private boolean failing;
    private AsciiString path;
    private AsciiString id = AsciiString.EMPTY_STRING;
    private Optional<PeerAddress> remote = Optional.empty();
    private Optional<RequestBody> body = Optional.empty();
    private Optional<ResponseFilter> filter = Optional.empty();
    private Optional<DoneListener> listener = Optional.empty();
    private Optional<Runnable> writable = Optional.empty();
    private Framing framing = Framing.NONE;
    private long left;
    private long sent;
    private int status;
    private int hops;

    Http1Exchange(HttpConnection connection, RequestHead head, boolean keepAlive, boolean webSocket, long startNanos) {
        this.connection = connection;
        this.head = head;
        this.keepAlive = keepAlive;
        this.webSocket = webSocket;
        this.startNanos = startNanos;
        http10 = head.minorVersion() == 0;
        path = head.path();
    }

    void body(RequestBody complete) {
        body = Optional.of(complete);
    }

    // ---- request

    @Override
    public RequestHead head() {
        if (done) {
            throw new IllegalStateException("the exchange is done, its head serves another request");
        }
        return head;
    }

    @Override
    public AsciiString path() {
        return path;
    }

    @Override
    public void path(AsciiString changed) {
        path = changed;
    }

    @Override
    public AsciiString query() {
        RequestHead h = head();
        int start = h.queryStart();
        return start == h.queryEnd() ? AsciiString.EMPTY_STRING
            : new AsciiString(h.array(), start, h.queryEnd() - start, false);
    }

    @Override
    public AsciiString serverName() {
        AsciiString host = head().host();
        return host.isEmpty() ? LOCALHOST : host;
    }

    @Override
    public PeerAddress remote() {
        return remote.isPresent() ? remote.get() : connection.remote();
    }

    @Override
    public void remote(PeerAddress address) {
        remote = Optional.of(address);
    }

    @Override
    public PeerAddress local() {
        return connection.local();
    }

    @Override
    public boolean isTls() {
        return false;
    }

    @Override
    public boolean isWebSocket() {
        return webSocket;
    }

    @Override
    public long contentLength() {
        return body.isPresent() ? body.get().size() : 0;
    }

    @Override
    public ByteBuf body() {
        return body.isPresent() ? body.get().memory() : Unpooled.EMPTY_BUFFER;
    }

    @Override
    public Optional<Fd> bodyFile() {
        return body.flatMap(RequestBody::file).map(BodyFile::fd);
    }

    @Override
    public long startNanos() {
        return startNanos;
    }

    @Override
    public AsciiString requestId() {
        if (id.isEmpty()) {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            id = AsciiString.of(HexFormat.of().toHexDigits(random.nextLong())
                + HexFormat.of().toHexDigits(random.nextLong()));
        }
        return id;
    }

    @Override
    public HttpLoop loop() {
        return connection.loop();
    }

    @Override
    public int hop() {
        return ++hops;
    }

    @Override
    public HttpSettings settings() {
        return connection.binding().settings();
    }

    // ---- response

    @Override
    public void responseFilter(Optional<ResponseFilter> changed) {
        filter = changed;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public long bodyBytesSent() {
        return sent;
    }

    @Override
    public boolean isStarted() {
        return status != 0;
    }

    @Override
    public boolean isDone() {
        return done;
    }

    private boolean mayHaveBody(int code) {
        return !head.isHead() && code >= 200 && code != 204 && code != 304;
    }

    /** Writes a head with a computed length; the buffer has room for {@code extra} bytes more. */
    private ByteBuf head(int code, byte[] fields, long length, int extra) {
        if (status != 0) {
            throw new IllegalStateException("the response was started before");
        }
        status = code;
        byte[] line = StatusLine.of(code);
        ConnectionOutput output = connection.output();
        ByteBuf out;
        if (filter.isPresent() && code >= 200 && code < 400) {
            ResponseFields all = loop().fields();
            all.trust(fields);
            filter.get().apply(this, all);
            out = output.room(line.length + all.room() + ResponseHead.EXTRA + extra);
            out.writeBytes(line);
            all.write(out);
        } else {
            out = output.room(line.length + fields.length + ResponseHead.EXTRA + extra);
            out.writeBytes(line).writeBytes(fields);
        }
        ResponseHead.server(out, loop(), settings(), true);
        ResponseHead.length(out, length);
        ResponseHead.end(out, code, http10, keepAlive, false);
        return out;
    }

    @Override
    public void respond(int code, byte[] fields, byte[] content) {
        if (done) {
            return;
        }
        int size = mayHaveBody(code) ? content.length : 0;
        ByteBuf out = head(code, fields, content.length, size);
        out.writeBytes(content, 0, size);
        sent = size;
        complete();
    }

    @Override
    public void respond(int code, byte[] fields, ByteBuf content) {
        if (done) {
            content.release();
            return;
        }
        int size = content.readableBytes();
        head(code, fields, size, 0);
        if (mayHaveBody(code)) {
            sent = size;
            connection.output().append(content);
        } else {
            content.release();
        }
        complete();
    }

    @Override
    public void respond(int code, byte[] fields, FileRegion content) {
        if (done) {
            content.release();
            return;
        }
        head(code, fields, content.count(), 0);
        if (mayHaveBody(code)) {
            sent = content.count();
            connection.output().sendTimeout(settings().sendTimeout());
            // Further requests wait until the file is sent: each would hold a descriptor.
            connection.output().append(content, this::complete);
        } else {
            content.release();
            complete();
        }
    }

    /** Answers an error that was found before routing; the connection ends with it. */
    void refuse(int code) {
        keepAlive = false;
        refused = true;
        fail(code);
    }

    @Override
    public void fail(int code) {
        if (done) {
            return;
        }
        if (status != 0 || failing) {
            abort();
            return;
        }
        failing = true;
        respond(code, ResponseHead.HTML, StatusLine.page(code));
    }

    @Override
    public boolean start(int code, ByteBuf lines) {
        if (done) {
            return false;
        }
        if (status != 0) {
            throw new IllegalStateException("the response was started before");
        }
        ResponseFields fields = loop().fields();
        if (!fields.filter(lines)) {
            fail(503);
            return false;
        }
        if (fields.hasBadLength()) {
            ErrorLog.shared().warn("application sent an invalid or repeated Content-Length; it was removed");
            keepAlive = false;
        }
        status = code;
        if (filter.isPresent() && code >= 200 && code < 400) {
            filter.get().apply(this, fields);
        }
        left = fields.contentLength();
        boolean possible = code >= 200 && code != 204 && code != 304;
        boolean chunked = possible && left < 0 && !http10;
        if (left < 0 && http10) {
            keepAlive = false;
        }
        framing = !mayHaveBody(code) ? Framing.NONE : left >= 0 ? Framing.LENGTH
            : chunked ? Framing.CHUNKED : Framing.CLOSE;
        byte[] line = StatusLine.of(code);
        ByteBuf out = connection.output().room(line.length + fields.room() + ResponseHead.EXTRA);
        out.writeBytes(line);
        fields.write(out);
        ResponseHead.server(out, loop(), settings(), !fields.hasDate());
        ResponseHead.end(out, code, http10, keepAlive, chunked);
        return true;
    }

    @Override
    public void write(ByteBuf data, boolean last) {
        if (done) {
            data.release();
            return;
        }
        if (status == 0) {
            data.release();
            throw new IllegalStateException("the response was not started");
        }
        body(data);
        if (last) {
            finish();
        } else {
            flush();
        }
    }

    private void body(ByteBuf data) {
        int size = data.readableBytes();
        if (framing == Framing.LENGTH && size > left) {
            // What goes beyond the declared length must not be taken for the next response.
            keepAlive = false;
            size = (int) left;
            data.writerIndex(data.readerIndex() + size);
        }
        if (framing == Framing.NONE || size == 0) {
            data.release();
            return;
        }
        ConnectionOutput output = connection.output();
        if (framing != Framing.CHUNKED) {
            left -= size;
            sent += size;
            output.append(data);
            return;
        }
        ByteBuf out = output.room(12);
        int before = out.readableBytes();
        ResponseHead.hex(out, size);
        out.writeShort('\r' << 8 | '\n');
        sent += out.readableBytes() - before + size + 2L;
        output.append(data);
        output.room(2).writeShort('\r' << 8 | '\n');
    }

    private void finish() {
        if (framing == Framing.CHUNKED) {
            connection.output().room(LAST_CHUNK.length).writeBytes(LAST_CHUNK);
            sent += LAST_CHUNK.length;
        } else if (framing == Framing.CLOSE || framing == Framing.LENGTH && left > 0) {
            keepAlive = false;
        }
        complete();
    }

    @Override
    public void flush() {
        if (!done) {
            connection.output().sendTimeout(settings().sendTimeout());
            connection.flush();
        }
    }

    private void complete() {
        if (!done) {
            end(true);
            connection.completed(keepAlive, refused);
        }
    }

    @Override
    public void abort() {
        if (!done) {
            end(false);
            connection.cut();
        }
    }

    /** The client is gone. */
    void lost() {
        if (!done) {
            end(false);
        }
    }

    private void end(boolean complete) {
        try {
            if (listener.isPresent()) {
                listener.get().done(this, complete);
            }
        } catch (RuntimeException e) {
            ErrorLog.shared().alert("a listener of a request failed: " + e);
        }
        done = true;
        writable = Optional.empty();
    }

    @Override
    public boolean isWritable() {
        return connection.output().isWritable();
    }

    @Override
    public void onWritable(Runnable action) {
        if (!done) {
            writable = Optional.of(action);
        }
    }

    void writable() {
        Optional<Runnable> action = writable;
        writable = Optional.empty();
        action.ifPresent(Runnable::run);
    }

    @Override
    public void onDone(DoneListener added) {
        DoneListener first = listener.orElse(added);
        listener = Optional.of(first == added ? added : (exchange, complete) -> {
            first.done(exchange, complete);
            added.done(exchange, complete);
        });
    }
}

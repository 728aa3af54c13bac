// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.log.ErrorLog;
import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import java.util.Optional;

/** One request and its response on an HTTP/1 connection. */
final class Http1Exchange extends RequestView {
    /** Status of a plain request to a TLS listener: sent as 400 with its own phrase. */
    static final int PLAIN_ON_TLS = 497;

    private static final byte[] LAST_CHUNK = {'0', '\r', '\n', '\r', '\n'};

    /** How the body of the response ends. */
    private enum Framing { NONE, LENGTH, CHUNKED, CLOSE }

    private final HttpConnection connection;
    private final RequestHead head;
    private final boolean http10;
    private boolean keepAlive;
    private boolean refused;
    private boolean failing;
    private Optional<ResponseFilter> filter = Optional.empty();
    private Optional<DoneListener> listener = Optional.empty();
    private Optional<Runnable> writable = Optional.empty();
    private Framing framing = Framing.NONE;
    private long left;
    private long sent;
    private int status;

    Http1Exchange(HttpConnection connection, RequestReader request, long startNanos) {
        super(connection, request, startNanos);
        this.connection = connection;
        head = request.head();
        keepAlive = request.keepAlive();
        http10 = head.minorVersion() == 0;
    }

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
        if (isDone()) {
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
        if (isDone()) {
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
        if (isDone()) {
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
        if (isDone()) {
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
        if (isDone()) {
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
        if (isDone()) {
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
        if (!isDone()) {
            connection.output().sendTimeout(settings().sendTimeout());
            connection.flush();
        }
    }

    private void complete() {
        if (!isDone()) {
            end(true);
            connection.completed(keepAlive, refused);
        }
    }

    @Override
    public void abort() {
        if (!isDone()) {
            end(false);
            connection.cut();
        }
    }

    /** The client is gone. */
    void lost() {
        if (!isDone()) {
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
        markDone();
        writable = Optional.empty();
    }

    @Override
    public boolean isWritable() {
        return connection.output().isWritable();
    }

    @Override
    public void onWritable(Runnable action) {
        if (!isDone()) {
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

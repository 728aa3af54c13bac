// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.Answer;
import io.margay.http.BodyListener;
import io.margay.http.Fields;
import io.margay.http.FrameListener;
import io.margay.http.ResponseHead;
import io.margay.http.StatusRules;
import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** One request and its response on an HTTP/1 connection. */
final class Http1Exchange extends Http1Request {
    /** Status of a plain request to a TLS listener: sent as 400 with its own phrase. */
    static final int PLAIN_ON_TLS = 497;

    private static final int PROCESSING = 102;
    private static final int BAD_REQUEST = 400;
    private static final int PROBES = 2;
    private static final byte[] LAST_CHUNK = {'0', '\r', '\n'};

    /** How the body of the response ends. */
    private enum Framing { NONE, LENGTH, CHUNKED, CLOSE }

    private final Http1Connection connection;
    private final boolean http10;
    private final boolean more;
    private boolean keepAlive;
    private Framing framing = Framing.NONE;
    private long sent;
    /** Null unless a file is on its way: it knows how much of it has gone. */
    private FileRegion file;
    private int probes;
    private boolean leaving;

    Http1Exchange(Http1Connection connection, RequestReader request) {
        super(connection, request);
        this.connection = connection;
        keepAlive = request.keepAlive();
        http10 = request.head().minorVersion() == 0;
        more = request.hasMore();
    }

    /**
     * Whether the connection is to end with this response: not while more requests have arrived, but when the body of
     * this one has not.
     */
    private boolean isLast() {
        return connection.intake != null
            || connection.server.isLeaving() && !more && !connection.pending.isReadable();
    }

    /** A request that is not handled, of which only those hear who watch requests. */
    static Http1Exchange refused(Http1Connection connection, RequestReader request) {
        Http1Exchange refused = new Http1Exchange(connection, request);
        request.binding().handler().refused(refused);
        return refused;
    }

    /** The client has left in the middle of a request (spec/http.md §2). The connection must count as closed. */
    static void unread(Http1Connection connection, RequestReader request) {
        request.giveUp();
        refused(connection, request).left(BAD_REQUEST);
    }

    @Override
    public long bodyBytesSent() {
        return file == null ? sent : sent + file.transferred();
    }

    private byte[] server() {
        return connection.shared.server(settings().serverVersion());
    }

    @Override
    protected void send(Answer answer, boolean withBody) {
        byte[] body = answer.body();
        int size = withBody ? body.length : 0;
        keepAlive &= !isLast();
        ConnectionOutput output = connection.output;
        ByteBuf out;
        if (keepAlive && !http10) {
            Prepared prepared = Prepared.of(answer, server());
            out = output.room(prepared.size() + size);
            prepared.write(out, connection.shared.date());
        } else {
            out = output.room(HeadWriter.room(answer.fields()) + HeadWriter.EXTRA + size);
            int date = HeadWriter.answer(out, answer, server(), http10, keepAlive);
            out.setBytes(date, connection.shared.date());
        }
        out.writeBytes(body, 0, size);
        sent = size;
    }

    @Override
    protected void send(ResponseHead head, boolean withBody) {
        long length = head.contentLength();
        int status = head.status();
        keepAlive &= !isLast();
        boolean chunked = length < 0 && StatusRules.allowsBody(status) && !http10;
        if (length < 0 && StatusRules.allowsBody(status) && http10) {
            keepAlive = false;
        }
        framing = !withBody ? Framing.NONE : length >= 0 ? Framing.LENGTH : chunked ? Framing.CHUNKED : Framing.CLOSE;
        byte[] line = StatusLine.of(status);
        ByteBuf out = connection.output.room(line.length + head.bytes() + HeadWriter.FIELD * head.size()
            + HeadWriter.EXTRA);
        out.writeBytes(line);
        HeadWriter.fields(out, head);
        out.writeBytes(server());
        if (!head.hasDate()) {
            HeadWriter.date(out, connection.shared);
        }
        if (length >= 0 && !head.hasLengthField()) {
            HeadWriter.length(out, length);
        }
        if (status == StatusRules.SWITCHING) {
            HeadWriter.upgrade(out, this);
            return;
        }
        HeadWriter.end(out, status, http10, keepAlive, chunked);
    }

    @Override
    protected void sendData(ByteBuf data) {
        int size = data.readableBytes();
        ConnectionOutput output = connection.output;
        if (framing != Framing.CHUNKED) {
            sent += size;
            output.append(data);
            return;
        }
        ByteBuf out = output.room(12);
        int before = out.readableBytes();
        HeadWriter.hex(out, size);
        out.writeShort('\r' << 8 | '\n');
        sent += out.readableBytes() - before + size + 2L;
        output.append(data);
        output.room(2).writeShort('\r' << 8 | '\n');
    }

    @Override
    protected void sendFile(FileRegion body, Runnable last) {
        file = body;
        connection.output.limits(settings());
        connection.output.append(body, () -> {
            sent += body.count();
            file = null;
            last.run();
        });
    }

    @Override
    protected void sendEnd(Fields trailers, boolean whole) {
        if (framing == Framing.CHUNKED) {
            int room = LAST_CHUNK.length + HeadWriter.room(trailers) + 2;
            ByteBuf out = connection.output.room(room);
            int before = out.readableBytes();
            out.writeBytes(LAST_CHUNK);
            HeadWriter.fields(out, trailers);
            out.writeShort('\r' << 8 | '\n');
            sent += out.readableBytes() - before;
        } else if (framing == Framing.CLOSE || framing == Framing.LENGTH && !whole) {
            keepAlive = false;
        }
    }

    @Override
    protected Optional<AsciiString> protocolField(AsciiString name) {
        Optional<String> value = switch (name.toLowerCase().toString()) {
            case "connection" -> connectionField();
            case "transfer-encoding" -> framing == Framing.CHUNKED ? Optional.of("chunked") : Optional.empty();
            case "server" -> Optional.of(settings().serverVersion() ? "Unit/" + loop().version() : "Unit");
            case "date" -> Optional.of(new String(loop().date(), StandardCharsets.ISO_8859_1));
            default -> Optional.empty();
        };
        return value.map(AsciiString::new);
    }

    private Optional<String> connectionField() {
        if (status() == StatusRules.SWITCHING) {
            return Optional.of("Upgrade");
        }
        return http10 == keepAlive ? Optional.of(keepAlive ? "keep-alive" : "close") : Optional.empty();
    }

    @Override
    protected void sendInterim(int code, Fields fields) {
        if (!http10) {
            byte[] line = StatusLine.of(code);
            ByteBuf out = connection.output.room(line.length + HeadWriter.room(fields) + 2);
            out.writeBytes(line);
            HeadWriter.fields(out, fields);
            out.writeShort('\r' << 8 | '\n');
            connection.flush();
        }
    }

    @Override
    protected void switchProtocol(FrameListener listener) {
        keepAlive = false;
        connection.upgraded(listener);
    }

    @Override
    public boolean isBodyComplete() {
        return isDone() || connection.intake == null;
    }

    @Override
    public void awaitBody(Runnable action) {
        if (isBodyComplete()) {
            action.run();
        } else {
            connection.intake.await(action);
        }
    }

    @Override
    public void limitBody(long most) {
        if (!isBodyComplete()) {
            connection.intake.limit(most);
        }
    }

    @Override
    public void streamBody(BodyListener listener) {
        if (isBodyComplete()) {
            throw new IllegalStateException("the body of the request is complete");
        }
        connection.intake.stream(listener);
    }

    @Override
    public void resumeBody() {
        if (!isBodyComplete()) {
            connection.intake.resume();
        }
    }

    @Override
    public void resume() {
        if (!isDone() && connection.frames != null) {
            connection.frames.resume();
        }
    }

    /** The server ends a WebSocket and has said so to the client. */
    void leave() {
        leaving = true;
        end(false);
    }

    @Override
    protected void sendNow() {
        connection.output.limits(settings());
        connection.flush();
    }

    @Override
    protected void lastOfConnection() {
        keepAlive = false;
    }

    @Override
    protected void release(boolean complete) {
        if (complete || leaving) {
            connection.completed(keepAlive);
        } else {
            connection.cut();
        }
    }

    /**
     * The client has nothing more to send: it waits for the answer, or it is gone. Only something sent to it can tell;
     * a request whose client is gone is not to be worked on. The first word makes its system refuse, and only the
     * second one meets with that here.
     *
     * @return in how many seconds to do it again; 0 for never
     */
    int probe() {
        if (isStarted() || isDone()) {
            return 0;
        }
        sendInterim(PROCESSING, Fields.NONE);
        return ++probes < PROBES ? Deadline.PROBE_SECONDS : 0;
    }

    /** The client is gone. */
    void lost() {
        end(false);
    }

    @Override
    public boolean isWritable() {
        return connection.output.isWritable();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.posix.Fd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import io.netty.util.AsciiString;
import java.util.Optional;

/**
 * A request that the server makes itself, and that has come to no listener. Of the response status and size are known;
 * who wants more overrides what takes it. On its loop.
 */
public class OwnExchange extends BaseExchange {
    private static final PeerAddress NOBODY = new PeerAddress(new byte[0], 0, "unix:");
    private static final AsciiString HTTP = AsciiString.cached("http");
    private static final AsciiString VERSION = AsciiString.cached("HTTP/1.1");
    private static final AsciiString SPACE = AsciiString.cached(" ");

    private final OwnRequest request;
    private final ByteBuf body;
    private PeerAddress remote = NOBODY;
    private boolean tls;
    private long sent;

    /** Begins a request, which is handed over to an action or a handler next. */
    public OwnExchange(HttpLoop loop, HttpSettings settings, OwnRequest request) {
        super(loop, settings, new Timings());
        this.request = request;
        this.body = Unpooled.wrappedBuffer(request.body());
        path(request.path());
        timings().mark(Timings.Stage.BEGIN, loop.now());
        timings().mark(Timings.Stage.REQUEST, loop.now());
    }

    @Override
    protected final void send(Answer answer, boolean withBody) {
        whole(answer);
        sent = withBody ? answer.body().length : 0;
    }

    @Override
    protected final void send(ResponseHead head, boolean withBody) {
        head(head);
    }

    @Override
    protected final void sendData(ByteBuf data) {
        sent += data.readableBytes();
        try {
            data(data);
        } finally {
            data.release();
        }
    }

    @Override
    protected final void sendFile(FileRegion file, Runnable last) {
        // Of no use to anybody, so it is not read.
        sent += file.count();
        file.release();
        last.run();
    }

    /** Takes a whole response. */
    protected void whole(Answer answer) {
        // Its status is known.
    }

    /** Takes the head of a response that comes in parts; valid during the call. */
    protected void head(ResponseHead head) {
        // Its status is known.
    }

    /** Takes a part of the body, unless that is a file; the caller's, who releases it. */
    protected void data(ByteBuf part) {
        // Nobody reads it.
    }

    @Override
    protected void sendEnd(Fields trailers, boolean whole) {
        // There is no connection whose next response could be mistaken.
    }

    @Override
    protected void sendInterim(int code, Fields fields) {
        // Nobody waits for it.
    }

    @Override
    protected void switchProtocol(FrameListener listener) {
        throw new IllegalStateException("no request of the server is for a WebSocket");
    }

    @Override
    protected void sendNow() {
        // What was sent is gone.
    }

    @Override
    protected void lastOfConnection() {
        // There is no connection.
    }

    @Override
    protected void release(boolean complete) {
        body.release();
    }

    @Override
    public void resume() {
        // There are no frames.
    }

    @Override
    public long bodyBytesSent() {
        return sent;
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void remote(PeerAddress address) {
        remote = address;
    }

    @Override
    public void tls(boolean encrypted) {
        tls = encrypted;
    }

    @Override
    public AsciiString method() {
        return request.method();
    }

    @Override
    public boolean isGet() {
        return request.method().contentEquals("GET");
    }

    @Override
    public boolean isHead() {
        return request.method().contentEquals("HEAD");
    }

    @Override
    public AsciiString scheme() {
        return HTTP;
    }

    @Override
    public AsciiString authority() {
        return request.authority();
    }

    @Override
    public AsciiString host() {
        return request.host();
    }

    @Override
    public AsciiString serverName() {
        return request.host();
    }

    @Override
    public AsciiString target() {
        return request.target();
    }

    @Override
    public AsciiString query() {
        return request.query();
    }

    @Override
    public boolean hasQuery() {
        return request.hasQuery();
    }

    @Override
    public AsciiString version() {
        return VERSION;
    }

    @Override
    public AsciiString line() {
        return request.method().concat(SPACE).concat(request.target()).concat(SPACE).concat(VERSION);
    }

    @Override
    public int fieldCount() {
        return request.fields().size();
    }

    @Override
    public AsciiString name(int field) {
        return request.fields().name(field);
    }

    @Override
    public AsciiString value(int field) {
        return request.fields().value(field);
    }

    @Override
    public int find(AsciiString name, int from) {
        for (int i = from; i < fieldCount(); i++) {
            if (name(i).contentEqualsIgnoreCase(name)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public int find(KnownField field) {
        int last = -1;
        for (int i = find(field.text(), 0); i >= 0; i = find(field.text(), i + 1)) {
            last = i;
        }
        return last;
    }

    @Override
    public KnownField known(int field) {
        AsciiString name = name(field);
        return KnownField.of(name.array(), name.arrayOffset(), name.arrayOffset() + name.length());
    }

    @Override
    public long contentLength() {
        return request.body().length;
    }

    @Override
    public ByteBuf body() {
        return isDone() ? Unpooled.EMPTY_BUFFER : body;
    }

    @Override
    public Optional<Fd> bodyFile() {
        return Optional.empty();
    }

    @Override
    public PeerAddress remote() {
        return remote;
    }

    @Override
    public PeerAddress local() {
        return NOBODY;
    }

    @Override
    public boolean isTls() {
        return tls;
    }

    @Override
    public boolean isWebSocket() {
        return false;
    }
}

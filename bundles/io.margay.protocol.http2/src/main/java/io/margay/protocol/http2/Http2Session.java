// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.margay.http.Fields;
import io.margay.http.HttpBinding;
import io.margay.http.HttpLoop;
import io.margay.http.HttpServer;
import io.margay.http.LoopConnection;
import io.margay.http.TargetPath;
import io.margay.http.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One client connection: begins its streams, keeps the timers that concern all of them (spec/http.md §2), and knows
 * when the server takes leave of the client ({@link Farewell}).
 */
final class Http2Session extends LoopConnection {
    private static final long SECOND = 1_000_000_000L;
    private static final int CONTINUE = 100;

    private final HttpServer server;
    private final HttpLoop loop;
    private final HeadMaker heads;
    private final AtomicInteger generation;
    private final int born;
    private final TargetPath target = new TargetPath();
    private SessionHandler handler;
    private FrameEvents events;
    private FloodGuard guard;
    private ChannelHandlerContext ctx;
    /** The context of {@link #handler}, by which everything is written. */
    private ChannelHandlerContext codec;
    private SessionEnds ends;
    private boolean opened;
    private boolean closed;
    private boolean secure;
    private boolean handshaking;
    private int active;
    private Farewell farewell;
    private long idleUntil;
    /** How many frames were complete when bytes came that made none. */
    private long unfinished = -1;
    private long unfinishedSince;
    private boolean arriving;
    private final SocketProgress progress = new SocketProgress();

    Http2Session(HttpServer server, HttpLoop loop, AtomicInteger generation) {
        this.server = server;
        this.loop = loop;
        this.generation = generation;
        born = generation.get();
        heads = new HeadMaker(loop.version());
    }

    /** Before it is added to a pipeline. */
    void use(SessionHandler codecHandler, FrameEvents frameEvents, FloodGuard floodGuard) {
        handler = codecHandler;
        events = frameEvents;
        guard = floodGuard;
        handler.encoder().flowController().listener(stream -> {
            RequestStream request = events.request(stream);
            if (request != null) {
                request.writable();
            }
        });
    }

    HttpServer server() {
        return server;
    }

    HttpLoop loop() {
        return loop;
    }

    HeadMaker encoder() {
        return heads;
    }

    TargetPath target() {
        return target;
    }

    ByteBufAllocator alloc() {
        return ctx.alloc();
    }

    boolean isSecure() {
        return secure;
    }

    SessionEnds ends() {
        return ends;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) throws Http2Exception {
        ctx = context;
        ends = new SessionEnds(context.channel());
        codec = context.pipeline().context(handler);
        farewell = new Farewell(loop, handler, codec);
        if (context.channel().isActive() && context.channel().isRegistered()) {
            open();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws Http2Exception {
        open();
    }

    private void open() throws Http2Exception {
        if (!opened) {
            opened = true;
            loop.add(this, ctx.channel());
            rest();
            handler.widen(codec);
            ctx.flush();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        end();
    }

    private void end() {
        closed = true;
        loop.remove(this);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof Transport transport) {
            handshaking = transport == Transport.HANDSHAKE;
            secure = transport == Transport.TLS;
        } else if (event == ChannelInputShutdownEvent.INSTANCE && !closed) { // TLS says so of its own end, too
            context.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException)) {
            loop.log().alert("connection failed: " + cause);
        }
        context.close();
    }

    /** The connection ends with an error. */
    void failed(Throwable cause, Http2Exception failure) {
        if (cause instanceof IOException && failure == null) {
            // The client has gone: the same as anywhere else on the way.
            return;
        }
        if (failure == null) {
            loop.log().alert("HTTP/2 failed: " + cause);
        } else {
            loop.log().info("HTTP/2 with " + ctx.channel().remoteAddress() + " ends, " + failure.error() + ": "
                + String.valueOf(failure.getMessage()).replaceAll("[^\\x20-\\x7E]", "?"));
        }
    }

    /** The client has made a stream fail. */
    void faulty() throws Http2Exception {
        guard.faulty();
    }

    /** The first request has come by another protocol, which has counted it. */
    void resume(Http2Stream stream, StreamHead head) throws Http2Exception {
        loop.counters().sameRequest();
        begin(stream, head, true);
    }

    /** A stream has begun. */
    void begin(Http2Stream stream, StreamHead head, boolean last) throws Http2Exception {
        Optional<RequestStream> request = enter(stream, head);
        if (request.isPresent()) {
            request.get().begin(last);
        }
    }

    /** A stream has begun with more fields than are kept. */
    void tooLong(Http2Stream stream) throws Http2Exception {
        enter(stream, new StreamHead()).ifPresent(RequestStream::tooLong);
    }

    private Optional<RequestStream> enter(Http2Stream stream, StreamHead head) {
        Optional<HttpBinding> entered = server.enter(loop);
        if (entered.isEmpty()) {
            reset(stream, Http2Error.REFUSED_STREAM);
            leave();
            return Optional.empty();
        }
        RequestStream request = new RequestStream(this, stream, entered.get(), head);
        events.request(stream, request);
        if (active++ == 0) {
            loop.begun(this);
        }
        loop.counters().request();
        return Optional.of(request);
    }

    /** A response is complete: its client has earned credit. */
    void answered() {
        guard.answered();
    }

    /** A stream has ended that had begun. */
    void ended() {
        active--;
        if (active == 0 && !closed) {
            rest();
            loop.rested(this);
            if (server.isLeaving() || server.isRemoved()) {
                leave();
            }
            if (farewell.isDue()) {
                close();
            }
        }
    }

    private void rest() {
        idleUntil = loop.now() + server.settings().idleTimeout() * SECOND;
    }

    ChannelPromise promise() {
        return codec.newPromise();
    }

    void headers(Http2Stream stream, Http2Headers fields, boolean last, ChannelPromise promise) {
        handler.encoder().writeHeaders(codec, stream.id(), fields, 0, last, promise);
    }

    /** Takes {@code data} over. */
    void data(Http2Stream stream, ByteBuf data, boolean last, ChannelPromise promise) {
        guard.sent();
        handler.encoder().writeData(codec, stream.id(), data, 0, last, promise);
    }

    /** Ends a stream, unless it has ended. */
    void reset(Http2Stream stream, Http2Error error) {
        if (stream.state() != Http2Stream.State.CLOSED) {
            handler.resetStream(codec, stream.id(), error.code(), codec.newPromise());
            flush();
        }
    }

    /** Lets a client that waits for a word go on with the body of its request. */
    void goOn(Http2Stream stream) {
        headers(stream, HeadMaker.interim(CONTINUE, Fields.NONE), false, promise());
        flush();
    }

    /** So many bytes of a stream are kept no more: the client may send as many. */
    void taken(Http2Stream stream, int bytes) {
        try {
            if (bytes > 0 && stream.state() != Http2Stream.State.CLOSED
                    && handler.connection().local().flowController().consumeBytes(stream, bytes)) {
                flush();
            }
        } catch (Http2Exception e) {
            reset(stream, Http2Error.INTERNAL_ERROR);
        }
    }

    boolean isWritable(Http2Stream stream) {
        return stream.state() != Http2Stream.State.CLOSED && handler.encoder().flowController().isWritable(stream);
    }

    /** How many times the client has opened the window of the connection. */
    long windows() {
        return events.windows();
    }

    /** Sends what was written, unless that is done anyway when all that has come is read. */
    void flush() {
        if (!handler.isReading() && !closed) {
            handler.flush(codec);
        }
    }

    /** Tells the client that it had better make another connection. */
    private void leave() {
        if (!closed && !handshaking) {
            farewell.ask();
            flush();
        }
    }

    /** The client has answered a PING. */
    void ponged(long data) {
        if (farewell.isHeard(data)) {
            say();
        }
    }

    /** Tells it which requests are the last that are answered. */
    private void say() {
        farewell.say();
        flush();
    }

    private void close() {
        closed = true;
        farewell.close(secure);
    }

    /** Takes {@code in} over when the own end was said; else it is to be read. */
    boolean drains(ByteBuf in) {
        return farewell.drains(in);
    }

    /** Bytes have come. */
    void arrived() {
        arriving = true;
        if (unfinished != guard.frames()) {
            unfinished = guard.frames();
            unfinishedSince = loop.now();
        }
    }

    @Override
    protected void check(long now) {
        if (farewell.isOver(now) || progress.isStuck(ctx.channel(), now, server.settings().sendTimeout())) {
            ctx.close();
        }
        if (closed || !ctx.channel().isActive()) {
            return;
        }
        if (farewell.isOverdue(now)) {
            say();
        } else if (server.isLeaving() || server.isRemoved() || generation.get() != born) {
            leave();
        }
        boolean came = arriving;
        arriving = false;
        if (active == 0) {
            idle(now);
            return;
        }
        try {
            handler.connection().forEachActiveStream(stream -> {
                RequestStream request = events.request(stream);
                if (request != null) {
                    request.check(now, came && handler.isInFrame());
                }
                return true;
            });
        } catch (Http2Exception e) {
            loop.log().alert("HTTP/2 failed: " + e);
        }
    }

    /** No request is there, or its fields have not come to their end. */
    private void idle(long now) {
        int head = server.settings().headerReadTimeout();
        boolean late = unfinished == guard.frames() && head > 0 && now - unfinishedSince >= head * SECOND;
        if (farewell.isDue()) {
            close();
        } else if (late || server.settings().idleTimeout() > 0 && now - idleUntil >= 0) {
            if (handshaking) {
                ctx.close();
            } else if (!closed) {
                say();
            }
        }
    }

    @Override
    protected boolean closeIfIdle(boolean slowly) {
        if (active > 0 || closed) {
            return false;
        }
        if (slowly && !handshaking) {
            leave();
        } else {
            ctx.close();
        }
        return true;
    }
}

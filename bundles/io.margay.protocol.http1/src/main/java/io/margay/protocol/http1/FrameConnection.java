// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.FrameListener;
import io.margay.http.WebSocketFault;
import io.margay.http.WebSocketFrames;
import io.margay.http.WebSocketSettings;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/**
 * A connection that has become a WebSocket ({@code spec/routing.md §12}): reads frames, answers pings, asks silent
 * clients whether they are there, and closes by the rules. On the loop.
 */
final class FrameConnection implements WebSocketFrames.Sink {

    private static final long SECOND = 1_000_000_000L;
    private static final int PONG = 0x8a;
    private static final int PING = 0x8900;

    private final Http1Connection connection;
    private final Http1Exchange exchange;
    private final FrameListener listener;
    private final ChannelHandlerContext ctx;
    private final PendingInput pending;
    private final WebSocketSettings settings;
    private final WebSocketFrames frames;
    private long heard;
    private boolean asked;
    private boolean paused;

    FrameConnection(Http1Connection connection, Http1Exchange exchange, FrameListener listener,
            ChannelHandlerContext ctx, PendingInput pending) {
        this.connection = connection;
        this.ctx = ctx;
        this.pending = pending;
        this.exchange = exchange;
        this.listener = listener;
        settings = exchange.settings().webSocket();
        frames = new WebSocketFrames(settings.maxFrameSize(), ctx.alloc(), this);
        heard = exchange.loop().now();
    }

    /** Reads when the call that made it is over: the client may have sent frames already, which were kept. */
    void begin() {
        paused = true;
        ctx.executor().execute(this::resume);
    }

    /** Takes what has come, in order, and keeps what nobody wants yet; takes over. */
    void input(ByteBuf in) {
        heard = exchange.loop().now();
        asked = false;
        if (exchange.isDone()) {
            in.release();
        } else if (paused || pending.isReadable() || !frames.read(in)) {
            keep(in);
        } else {
            in.release();
        }
    }

    private void keep(ByteBuf in) {
        if (exchange.isDone()) {
            in.release();
            return;
        }
        ctx.channel().config().setAutoRead(false);
        pending.keep(in, ctx.alloc());
    }

    /** The application takes frames again: first those that were kept. */
    void resume() {
        if (!paused || exchange.isDone()) {
            return;
        }
        paused = false;
        if (pending.isReadable()) {
            input(pending.take());
        }
        if (!paused && !exchange.isDone()) {
            heard = exchange.loop().now();
            ctx.channel().config().setAutoRead(true);
        }
    }

    @Override
    public boolean frame(ByteBuf frame) {
        paused |= !listener.frame(frame);
        if (paused) {
            // Netty may be about to read on.
            ctx.channel().config().setAutoRead(false);
        }
        return !paused;
    }

    @Override
    public void ping(ByteBuf payload) {
        connection.output.room(2 + payload.readableBytes()).writeByte(PONG).writeByte(payload.readableBytes())
            .writeBytes(payload);
        exchange.flush();
    }

    @Override
    public void fault(WebSocketFault fault) {
        exchange.loop().log().info("websocket error " + fault.code() + ": " + fault.text());
        fault.write(connection.output.room(fault.size()));
        exchange.leave();
    }

    /** Looks whether the client is silent too long. */
    void check(long now) {
        if (paused || frames.isOver()) {
            return;
        }
        if (settings.readTimeout() > 0 && now - heard >= settings.readTimeout() * SECOND) {
            fault(WebSocketFault.SILENT);
        } else if (settings.keepAlive() > 0 && !asked && now - heard >= settings.keepAlive() * SECOND) {
            asked = true;
            connection.output.room(2).writeShort(PING);
            exchange.flush();
        }
    }

    void close() {
        frames.close();
    }
}

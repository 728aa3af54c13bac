// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;

/**
 * The rest of a connection after its last response. What the client still sends is read and thrown away: the kernel
 * would answer it with a reset, which takes the response from a client that has not read it yet. Bounded by silence, by
 * time and by bytes. On the loop of the connection; below TLS it is a handler, so that nothing is decrypted for it.
 */
public final class Linger extends ChannelInboundHandlerAdapter {
    /** How long a client may be silent. */
    private static final long SILENCE_NANOS = 2_000_000_000L;
    private static final int USUAL_SECONDS = 15;
    private static final long SECOND = 1_000_000_000L;
    private static final long MOST_BYTES = 64L << 20;

    private final HttpLoop loop;
    private final long longestNanos;
    private long end;
    private long heard;
    private long left = MOST_BYTES;
    private boolean told;

    /** The rest of a connection of {@code loop} whose client need not say any more. */
    public Linger(HttpLoop loop) {
        this(loop, USUAL_SECONDS);
    }

    /**
     * The rest of a connection of {@code loop}.
     *
     * @param longest how many seconds the client is listened to from when all is in the socket
     */
    public Linger(HttpLoop loop, int longest) {
        this.loop = loop;
        longestNanos = longest * SECOND;
    }

    /**
     * Tells the client the end of the stream as soon as the last of it is in the socket. From then on {@link #drain} is
     * for what the client sends, but where TLS is: that gets no further than here.
     *
     * @param last the write after which nothing comes
     * @param ctx the context that it was written by
     * @param secure whether the connection is in TLS
     */
    public void begin(ChannelFuture last, ChannelHandlerContext ctx, boolean secure) {
        (secure ? SecureEnd.after(last, ctx, this) : last).addListener((ChannelFutureListener) future -> {
            told = true;
            heard = loop.now();
            end = heard + longestNanos;
            if (ctx.channel() instanceof DuplexChannel duplex && duplex.isActive()) {
                duplex.shutdownOutput();
            }
        });
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        drain((ByteBuf) message, ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            ctx.close();
        }
        ctx.fireUserEventTriggered(event);
    }

    /** Throws input away, and the connection with what exceeds its bound. */
    public void drain(ByteBuf in, ChannelHandlerContext ctx) {
        left -= in.readableBytes();
        in.release();
        heard = loop.now();
        if (left < 0) {
            ctx.close();
        }
    }

    /** Whether the client had its time, at {@code now} on the clock of the loop. */
    public boolean isOver(long now) {
        return told && (now - heard >= SILENCE_NANOS || now - end >= 0);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;

/**
 * The rest of a connection after its last response. What the client still sends is read and thrown away: the kernel
 * would answer it with a reset, which takes the response from a client that has not read it yet. Bounded by silence, by
 * time and by bytes. On the loop of the connection; below TLS it is a handler, so that nothing is decrypted for it.
 */
final class Linger extends ChannelInboundHandlerAdapter {
    /** How long a client may be silent. */
    private static final long SILENCE_NANOS = 2_000_000_000L;
    private static final long LONGEST_NANOS = 15_000_000_000L;
    private static final long MOST_BYTES = 64L << 20;

    private final Http1Loop shared;
    private final long end;
    private long heard;
    private long left = MOST_BYTES;

    Linger(Http1Loop shared) {
        this.shared = shared;
        heard = shared.http().now();
        end = heard + LONGEST_NANOS;
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
    void drain(ByteBuf in, ChannelHandlerContext ctx) {
        left -= in.readableBytes();
        in.release();
        heard = shared.http().now();
        if (left < 0) {
            ctx.close();
        }
    }

    /** Whether the client had its time. */
    boolean isOver(long now) {
        return now - heard >= SILENCE_NANOS || now - end >= 0;
    }
}

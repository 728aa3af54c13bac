// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.http.internal;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.Errors;
import java.io.IOException;

/** Hears of one channel of a connection; an attempt to connect that was refused has had another. */
final class ConnectionEvents extends ChannelInboundHandlerAdapter {

    private final Connection connection;

    ConnectionEvents(Connection connection) {
        this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            connection.take(in);
        } finally {
            in.release();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            connection.drained();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (connection.owns(ctx.channel())) {
            connection.eof(false);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            connection.fault(cause);
        }
        if (connection.owns(ctx.channel())) {
            connection.eof(cause instanceof Errors.NativeIoException known
                && known.expectedErr() == Errors.ERRNO_ECONNRESET_NEGATIVE);
        }
    }
}

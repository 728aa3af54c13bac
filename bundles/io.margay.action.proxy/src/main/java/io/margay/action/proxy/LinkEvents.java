// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;

/** Hears of the channel of a connection. */
final class LinkEvents extends ChannelInboundHandlerAdapter {
    private final UpstreamLink link;

    LinkEvents(UpstreamLink link) {
        this.link = link;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            link.take(in);
        } finally {
            in.release();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            link.writable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        link.ended(false);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            link.fault(cause);
        }
        link.ended(true);
    }
}

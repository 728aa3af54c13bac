// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.http.ConnectionEnds;
import io.margay.http.HttpLoop;
import io.margay.http.PeerAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Stands first in a connection to a listener behind proxies: takes the PROXY header that those who are trusted send,
 * and makes room. Without it, their connection is closed. Others are clients like any: what looks like such a header
 * is no request then. Time is limited by what waits behind for the first byte of a request.
 */
final class ProxyGate extends ChannelInboundHandlerAdapter {
    private final Predicate<PeerAddress> trusted;
    private final HttpLoop loop;
    private ByteBuf held = Unpooled.EMPTY_BUFFER;

    ProxyGate(Predicate<PeerAddress> trusted, HttpLoop loop) {
        this.trusted = trusted;
        this.loop = loop;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (!held.isReadable() && !trusted.test(PeerAddress.of(ctx.channel().remoteAddress()))) {
            pass(ctx, in);
            return;
        }
        if (held == Unpooled.EMPTY_BUFFER) {
            held = ctx.alloc().directBuffer(in.readableBytes());
        }
        // Never more than a header and one read.
        held.writeBytes(in);
        in.release();
        take(ctx);
    }

    private void take(ChannelHandlerContext ctx) {
        try {
            Optional<ProxyHeader> header = ProxyHeader.read(held);
            if (header.isPresent()) {
                header.get().ends().ifPresent(ends ->
                    ConnectionEnds.tell(ctx.channel(), ends.remote(), ends.local()));
                ByteBuf rest = held.skipBytes(header.get().size());
                held = Unpooled.EMPTY_BUFFER;
                pass(ctx, rest);
            }
        } catch (ProxyHeader.MalformedException e) {
            loop.log().info("PROXY header of " + ctx.channel().remoteAddress() + " refused: " + e.getMessage());
            ctx.close();
        }
    }

    private static void pass(ChannelHandlerContext ctx, ByteBuf in) {
        if (in.isReadable()) {
            ctx.fireChannelRead(in);
        } else {
            in.release();
        }
        if (!ctx.isRemoved()) {
            ctx.pipeline().remove(ctx.handler());
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        held.release();
        held = Unpooled.EMPTY_BUFFER;
    }
}

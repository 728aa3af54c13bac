// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.http.HttpLoop;
import io.margay.http.HttpServer;
import io.margay.log.ErrorLog;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;

/** Puts accepted connections on the loop that accepted them, and rests when descriptors run out. */
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final int PAUSE_MILLIS = 100;
    private static final int RECLAIM = 10;

    private final HttpServer server;
    private final HttpLoop loop;
    private final TlsSlot tls;

    Acceptor(HttpServer server, HttpLoop loop, TlsSlot tls) {
        this.tls = tls;
        this.server = server;
        this.loop = loop;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Channel child = (Channel) message;
        server.attach(child, loop);
        if (tls.current().isPresent()) {
            child.pipeline().addFirst(new TlsGate(tls));
        }
        loop.netty().register(child).addListener((ChannelFutureListener) future -> {
            if (!future.isSuccess()) {
                child.unsafe().closeForcibly();
            }
        });
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ErrorLog.shared().alert("accept on " + ctx.channel().localAddress() + " failed: " + cause.getMessage());
        loop.closeIdle(RECLAIM);
        ctx.channel().config().setAutoRead(false);
        loop.netty().schedule(() -> {
            if (ctx.channel().isOpen()) {
                ctx.channel().config().setAutoRead(true);
            }
        }, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
}

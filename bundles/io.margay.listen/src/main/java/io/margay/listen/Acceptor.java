// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.http.HttpLoop;
import io.margay.http.Protocols;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;

/** Puts accepted connections on the loop that accepted them, and rests when descriptors run out. */
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final int PAUSE_MILLIS = 100;
    private static final int RECLAIM = 10;

    private final Listener listener;
    private final HttpLoop loop;

    Acceptor(Listener listener, HttpLoop loop) {
        this.listener = listener;
        this.loop = loop;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Channel child = (Channel) message;
        Protocols protocols = listener.protocols();
        if (!protocols.attach(child, listener.server(), loop) && !retry(child)) {
            child.unsafe().closeForcibly();
            return;
        }
        if (listener.slot().current().isPresent()) {
            child.pipeline().addFirst(new TlsGate(listener, protocols, loop));
        } else if (protocols.hasPreface()) {
            child.pipeline().addFirst(new PrefaceGate(listener, protocols, loop));
        }
        listener.proxies().ifPresent(trusted -> child.pipeline().addFirst(new ProxyGate(trusted, loop)));
        loop.netty().register(child).addListener((ChannelFutureListener) future -> {
            if (!future.isSuccess()) {
                child.unsafe().closeForcibly();
            }
        });
    }

    /** The protocols may have been replaced since the look at them. */
    private boolean retry(Channel child) {
        return listener.protocols().attach(child, listener.server(), loop);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        loop.log().alert("accept on " + ctx.channel().localAddress() + " failed: " + cause.getMessage());
        loop.closeIdle(RECLAIM);
        ctx.channel().config().setAutoRead(false);
        loop.netty().schedule(() -> {
            if (ctx.channel().isOpen()) {
                ctx.channel().config().setAutoRead(true);
            }
        }, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.engine.Generation;
import io.margay.http.Fields;
import io.margay.http.HttpBinding;
import io.margay.http.HttpLoop;
import io.margay.http.HttpServer;
import io.margay.http.HttpSettings;
import io.margay.log.ErrorLog;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;

/** Serves an empty 200 on one loop, for measurements from outside; the argument is the port. */
public final class BenchMain {
    private BenchMain() {
    }

    /** Runs until killed. */
    public static void main(String[] args) throws InterruptedException {
        EventLoop loop = EventLoops.create("bench", 1).loop(0);
        HttpLoop http = new HttpLoop(loop.netty(), 0, "1.35.0", ErrorLog.standardError());
        byte[] none = {};
        Http1Protocol protocol = new Http1Protocol();
        HttpServer server = new HttpServer(new HttpBinding(HttpSettings.DEFAULTS, e -> {
            e.respond(200, Fields.NONE, none);
        }, new Generation(), false));
        EpollServerSocketChannel listener = new EpollServerSocketChannel();
        listener.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                Channel child = (Channel) message;
                protocol.attach(child, server, http);
                http.netty().register(child);
            }
        });
        http.netty().register(listener).sync();
        ChannelFuture bound = listener.bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])));
        bound.sync();
        System.out.println("listening");
        new CountDownLatch(1).await();
    }
}

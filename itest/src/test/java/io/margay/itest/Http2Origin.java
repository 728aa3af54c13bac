// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import io.margay.testing.Http2Frames;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Frame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A server of HTTP/2 with prior knowledge, whose answers, and what else it does, a test gives. */
final class Http2Origin implements AutoCloseable {
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger resets = new AtomicInteger();
    private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
    private final Channel listener;

    /** Listens on a free port, and lets the script have each request when its head has come. */
    Http2Origin(Http2Settings settings, Consumer<Call> script) {
        listener = new ServerBootstrap().group(loop).channel(NioServerSocketChannel.class)
            .childHandler(new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel made) {
                    made.pipeline().addLast(Http2FrameCodecBuilder.forServer().initialSettings(settings).build(),
                        new Connection(connections.incrementAndGet(), script));
                }
            }).bind(new InetSocketAddress("127.0.0.1", 0)).syncUninterruptibly().channel();
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** How many there have been. */
    int connections() {
        return connections.get();
    }

    /** Streams that the other side has reset. */
    int resets() {
        return resets.get();
    }

    /** All requests so far, in their order. */
    Queue<Call> calls() {
        return calls;
    }

    @Override
    public void close() {
        listener.close();
        loop.shutdownGracefully();
    }

    /** One request. */
    final class Call {
        private final ChannelHandlerContext ctx;
        private final Http2FrameStream stream;
        private final int connection;
        private final String line;

        private Call(ChannelHandlerContext ctx, int connection, Http2HeadersFrame head) {
            this.ctx = ctx;
            this.connection = connection;
            stream = head.stream();
            line = head.headers().method() + " " + head.headers().path();
        }

        /** Method and path. */
        String line() {
            return line;
        }

        /** The number that the path is. */
        int client() {
            return Integer.parseInt(line.substring(line.indexOf('/') + 1));
        }

        /** The number of its connection, from 1. */
        int connection() {
            return connection;
        }

        /** A whole answer. */
        void answer(String body) {
            head(String.valueOf(body.length()));
            ctx.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.copiedBuffer(body, StandardCharsets.ISO_8859_1), true)
                .stream(stream));
        }

        /** The head of an answer. */
        void head(String length) {
            ctx.writeAndFlush(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200")
                .set("content-length", length), false).stream(stream));
        }

        void reset(Http2Error error) {
            ctx.writeAndFlush(new DefaultHttp2ResetFrame(error).stream(stream));
        }

        /** A GOAWAY that says that this request, and what came after it, was not looked at. */
        void refuseAllFromHere() {
            ctx.pipeline().context(Http2FrameCodec.class).writeAndFlush(Unpooled.wrappedBuffer(Http2Frames.frame(
                Http2Frames.GOAWAY, 0, 0, ByteBuffer.allocate(8).putInt(stream.id() - 2).putInt(0).array())));
        }

        /** Ends the connection without a word. */
        void cut() {
            ctx.channel().unsafe().closeForcibly();
        }
    }

    /** Hears of the frames of one connection. */
    private final class Connection extends SimpleChannelInboundHandler<Http2Frame> {
        private final int number;
        private final Consumer<Call> script;

        Connection(int number, Consumer<Call> script) {
            this.number = number;
            this.script = script;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, Http2Frame frame) {
            switch (frame) {
                case Http2HeadersFrame head -> {
                    Call call = new Call(ctx, number, head);
                    calls.add(call);
                    script.accept(call);
                }
                case Http2DataFrame data -> ctx.writeAndFlush(
                    new DefaultHttp2WindowUpdateFrame(data.initialFlowControlledBytes()).stream(data.stream()));
                case Http2ResetFrame reset -> resets.incrementAndGet();
                default -> {
                    // Nothing that a test asks for.
                }
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}

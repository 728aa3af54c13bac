// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Lets WebSocket clients that know HTTP/1.1 only speak to a server over HTTP/2: each of their connections is a stream
 * (RFC 8441) of a connection with prior knowledge. What follows the handshake passes both ways as it is, and an end
 * of one is an end of the other.
 */
final class Http2Bridge implements AutoCloseable {
    private static final int SECONDS = 30;
    private static final int WINDOW = 1 << 20;
    private static final int MOST_HEAD = 16 * 1024;
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final int server;
    private final Channel listener;

    /** Listens on a port of this machine, for a server on another one. */
    Http2Bridge(int server) {
        this.server = server;
        listener = new ServerBootstrap().group(loop).channel(NioServerSocketChannel.class)
            .childHandler(new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Opening());
                }
            }).bind("127.0.0.1", 0).syncUninterruptibly().channel();
    }

    /** Where clients connect. */
    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    @Override
    public void close() {
        listener.close();
        loop.shutdownGracefully(0, SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** The head of a client's request. */
    private final class Opening extends ChannelInboundHandlerAdapter {
        private final ByteBuf head = Unpooled.buffer();

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            head.writeBytes((ByteBuf) message);
            ReferenceCountUtil.release(message);
            String text = head.toString(StandardCharsets.ISO_8859_1);
            int end = text.indexOf("\r\n\r\n");
            if (end < 0 && text.length() < MOST_HEAD) {
                return;
            }
            if (end != text.length() - 4) {
                // It has not been told yet that it may speak.
                context.close();
                return;
            }
            context.channel().config().setAutoRead(false);
            open(context.channel(), text.substring(0, end).split("\r\n"));
        }

        private void open(Channel client, String[] lines) {
            Map<String, String> fields = new TreeMap<>();
            for (int i = 1; i < lines.length; i++) {
                int colon = lines[i].indexOf(':');
                fields.put(lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
                    lines[i].substring(colon + 1).strip());
            }
            Http2Headers headers = new DefaultHttp2Headers().method("CONNECT").scheme("http")
                .path(lines[0].split(" ")[1]).authority(fields.get("host")).set(":protocol", "websocket");
            fields.forEach((name, value) -> {
                if (name.startsWith("sec-websocket-") && !name.equals("sec-websocket-key")) {
                    headers.add(name, value);
                }
            });
            connect(client, connection -> new Http2StreamChannelBootstrap(connection)
                .handler(new FromServer(client, fields.get("sec-websocket-key"))).open().addListener(opened -> {
                    if (opened.isSuccess()) {
                        Channel stream = (Channel) opened.getNow();
                        client.pipeline().replace(this, "bytes", new FromClient(stream));
                        stream.closeFuture().addListener(closed -> connection.close());
                        stream.writeAndFlush(new DefaultHttp2HeadersFrame(headers));
                    } else {
                        client.close();
                    }
                }));
        }
    }

    /** Opens a connection, which can be used once the server has said that it takes extended CONNECT. */
    private void connect(Channel client, Consumer<Channel> use) {
        new Bootstrap().group(loop).channel(NioSocketChannel.class).handler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                Http2FrameCodecBuilder codec = Http2FrameCodecBuilder.forClient();
                codec.initialSettings().initialWindowSize(WINDOW);
                channel.pipeline().addLast(codec.build(), new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()),
                    new SimpleChannelInboundHandler<Http2SettingsFrame>() {
                        @Override
                        protected void channelRead0(ChannelHandlerContext context, Http2SettingsFrame frame) {
                            context.pipeline().remove(this);
                            if (Boolean.TRUE.equals(frame.settings().connectProtocolEnabled())) {
                                use.accept(channel);
                            } else {
                                client.close();
                            }
                        }
                    });
            }
        }).connect("127.0.0.1", server).addListener(connected -> {
            if (!connected.isSuccess()) {
                client.close();
            }
        });
    }

    /** Bytes of a client. */
    private static final class FromClient extends ChannelInboundHandlerAdapter {
        private final Channel stream;

        FromClient(Channel stream) {
            this.stream = stream;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            stream.writeAndFlush(new DefaultHttp2DataFrame((ByteBuf) message));
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            stream.writeAndFlush(new DefaultHttp2DataFrame(true)).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            stream.config().setAutoRead(context.channel().isWritable());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    /** Frames of the server. */
    private static final class FromServer extends ChannelInboundHandlerAdapter {
        private final Channel client;
        private final String key;

        FromServer(Channel client, String key) {
            this.client = client;
            this.key = key;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            boolean end = false;
            if (message instanceof Http2HeadersFrame headers) {
                client.writeAndFlush(Unpooled.copiedBuffer(answer(headers.headers()), StandardCharsets.ISO_8859_1));
                client.config().setAutoRead(true);
                end = headers.isEndStream();
            } else if (message instanceof Http2DataFrame data) {
                client.writeAndFlush(data.content().retain());
                end = data.isEndStream();
            }
            ReferenceCountUtil.release(message);
            if (end) {
                client.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            }
        }

        private String answer(Http2Headers headers) {
            if (!"200".contentEquals(headers.status())) {
                return "HTTP/1.1 " + headers.status() + " No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            }
            StringBuilder head = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Accept: ").append(accept()).append("\r\n");
            headers.forEach(field -> {
                if (field.getKey().toString().startsWith("sec-websocket-")) {
                    head.append(field.getKey()).append(": ").append(field.getValue()).append("\r\n");
                }
            });
            return head.append("\r\n").toString();
        }

        private String accept() {
            try {
                return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1")
                    .digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1)));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            client.close();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            client.config().setAutoRead(context.channel().isWritable());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
            client.close();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2FrameStreamException;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What a connection in HTTP/2 is: codec, streams as channels, and a look at the frames of the server. Those that are
 * not of streams end here, as do those of unknown types; {@link Http2Guard} leaves a server that sends very many. On
 * the loop of the connection.
 */
final class Http2Frames extends ChannelInboundHandlerAdapter {
    /** Requests at a time on one connection, whatever more the server allows. */
    static final int MOST_STREAMS = 100;
    /** Bytes of an answer that its client has not taken yet. */
    private static final int STREAM_WINDOW = 128 << 10;
    private static final int DEFAULT_WINDOW = 65_535;

    private final boolean secure;
    private final SentBytes sent;
    private final Events events;
    private final Http2StreamChannelBootstrap streams;
    private final Map<Http2FrameStream, Http2Parts> parts = new IdentityHashMap<>();
    /** Null until it is in the pipeline. */
    private ChannelHandlerContext context;

    /** What becomes of the connection; streams hear of their ends themselves. */
    interface Events {

        /** What the server allows; at first when it is there. */
        void allows(Http2Settings settings);

        /** The server takes no more streams. */
        void leaves();

        /** The connection has ended. */
        void ended();
    }

    private Http2Frames(Channel channel, boolean secure, SentBytes sent, Events events) {
        this.secure = secure;
        this.sent = sent;
        this.events = events;
        streams = new Http2StreamChannelBootstrap(channel);
    }

    /**
     * Makes a channel one to a server that speaks HTTP/2.
     *
     * @param longestHead bytes of the head of an answer at most
     * @param clock nanoseconds
     */
    static Http2Frames install(Channel channel, boolean secure, int longestHead, Events events, LongSupplier clock) {
        Http2Codec codec = new Http2Codec(longestHead, STREAM_WINDOW, clock);
        Http2Frames frames = new Http2Frames(channel, secure, codec.sent(), events);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addLast(codec.make(), frames, new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
        // So large that streams whose clients do not read leave room for the others.
        channel.writeAndFlush(new DefaultHttp2WindowUpdateFrame(MOST_STREAMS * STREAM_WINDOW - DEFAULT_WINDOW));
        return frames;
    }

    /** A channel for one request in HTTP/1.1; empty when the connection is going. */
    Optional<Channel> open() {
        Http2StreamChannel made = streams.open().getNow();
        if (made == null) {
            return Optional.empty();
        }
        // Of a server that does not take the whole request there may be an answer to read nevertheless.
        made.config().setAutoClose(false);
        Http2FrameStream stream = made.stream();
        Http2Parts own = new Http2Parts(context);
        parts.put(stream, own);
        made.closeFuture().addListener(ended -> {
            parts.remove(stream);
            own.end();
        });
        made.pipeline().addLast(Http2Bridge.NAME, new Http2Bridge(made, secure, sent, own));
        return Optional.of(made);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case Http2HeadersFrame head -> pass(ctx, head);
            case Http2DataFrame data -> {
                Http2Parts own = parts.get(data.stream());
                if (own == null) {
                    ctx.fireChannelRead(data);
                } else {
                    own.add(data);
                }
            }
            case Http2ResetFrame reset -> pass(ctx, reset);
            case Http2GoAwayFrame last -> {
                events.leaves();
                ctx.fireChannelRead(last);
            }
            case Http2SettingsFrame settings -> events.allows(settings.settings());
            default -> ReferenceCountUtil.release(message);
        }
    }

    private void pass(ChannelHandlerContext ctx, Http2StreamFrame frame) {
        Http2Parts own = parts.get(frame.stream());
        if (own != null) {
            own.flush();
        }
        ctx.fireChannelRead(frame);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        // What has come before the end is read before it.
        List.copyOf(parts.values()).forEach(Http2Parts::flush);
        events.ended();
        ctx.fireChannelInactive();
    }

    /**
     * What is wrong with the connection ends it, as if the server had closed it. The codec tells the server itself what
     * it has found.
     */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof Http2FrameStreamException) {
            ctx.fireExceptionCaught(cause);
        } else if (!(cause instanceof Http2Exception)) {
            ctx.close();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStreamException;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2WindowUpdateFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What a connection in HTTP/2 is: codec, streams as channels, and a look at the frames of the server. Those that are
 * not of streams end here, as do those of unknown types; a server that sends very many of them is left. On the loop of
 * the connection.
 */
final class Http2Frames extends ChannelInboundHandlerAdapter {
    /** Requests at a time on one connection, whatever more the server allows. */
    static final int MOST_STREAMS = 100;
    /** Bytes of an answer that its client has not taken yet. */
    private static final int STREAM_WINDOW = 128 << 10;
    private static final int DEFAULT_WINDOW = 65_535;
    /** Frames in a second that bring nothing. */
    private static final int MOST_IDLE_FRAMES = 1000;
    private static final long SECOND = 1_000_000_000;

    private final boolean secure;
    private final SentBytes sent;
    private final Events events;
    private final LongSupplier clock;
    private final Http2StreamChannelBootstrap streams;
    private long second;
    private int idleFrames;

    /** What becomes of the connection; streams hear of their ends themselves. */
    interface Events {

        /** What the server allows; at first when it is there. */
        void allows(Http2Settings settings);

        /** The server takes no more streams. */
        void leaves();

        /** The connection has ended. */
        void ended();
    }

    private Http2Frames(Channel channel, boolean secure, SentBytes sent, Events events, LongSupplier clock) {
        this.secure = secure;
        this.sent = sent;
        this.events = events;
        this.clock = clock;
        streams = new Http2StreamChannelBootstrap(channel);
        second = clock.getAsLong();
    }

    /**
     * Makes a channel one to a server that speaks HTTP/2.
     *
     * @param longestHead bytes of the head of an answer at most
     * @param clock nanoseconds
     */
    static Http2Frames install(Channel channel, boolean secure, int longestHead, Events events, LongSupplier clock) {
        Http2FrameCodec codec = Http2FrameCodecBuilder.forClient()
            .initialSettings(Http2Settings.defaultSettings().pushEnabled(false).maxHeaderListSize(longestHead)
                .initialWindowSize(STREAM_WINDOW))
            // Who closes a connection does not want the rest of an answer.
            .gracefulShutdownTimeoutMillis(0)
            .build();
        Http2Frames frames = new Http2Frames(channel, secure, SentBytes.of(codec.connection()), events, clock);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addLast(codec, frames, new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
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
        made.pipeline().addLast(Http2Bridge.NAME, new Http2Bridge(made, secure, sent));
        return Optional.of(made);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case Http2HeadersFrame head -> ctx.fireChannelRead(head);
            case Http2DataFrame data -> ctx.fireChannelRead(data);
            case Http2ResetFrame reset -> ctx.fireChannelRead(reset);
            case Http2WindowUpdateFrame update -> ReferenceCountUtil.release(update);
            case Http2GoAwayFrame last -> {
                events.leaves();
                ctx.fireChannelRead(last);
                idle(ctx);
            }
            case Http2SettingsFrame settings -> {
                events.allows(settings.settings());
                idle(ctx);
            }
            default -> {
                ReferenceCountUtil.release(message);
                idle(ctx);
            }
        }
    }

    private void idle(ChannelHandlerContext ctx) {
        long now = clock.getAsLong();
        if (now - second >= SECOND) {
            second = now;
            idleFrames = 0;
        }
        if (++idleFrames > MOST_IDLE_FRAMES) {
            ctx.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.ENHANCE_YOUR_CALM));
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        events.ended();
        ctx.fireChannelInactive();
    }

    /** What is wrong with the connection ends it, as if the server had closed it. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof Http2FrameStreamException) {
            ctx.fireExceptionCaught(cause);
        } else {
            ctx.close();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * Between a request that is written, and an answer that is read, in HTTP/1.1 and the stream of HTTP/2 that they are. So
 * everything else, rules and limits for answers included, is the same for both. On the loop of the connection.
 *
 * <p>What the windows of the server do not let out makes the channel unwritable. What has come has left the window of
 * its stream when it was read: who does not read the channel slows the server.
 */
final class Http2Bridge extends ChannelDuplexHandler {
    static final String NAME = "http2";
    /** How long the end of an answer that is complete may be on its way. */
    private static final long END_SECONDS = 5;

    private final Http2StreamChannel channel;
    private final SentBytes sent;
    private final Http2Parts parts;
    private final Http2Request request;
    private final Http2Answer answer = new Http2Answer();
    private boolean refused;
    private ChannelFuture previous;

    Http2Bridge(Http2StreamChannel channel, boolean secure, SentBytes sent, Http2Parts parts) {
        this.channel = channel;
        this.sent = sent;
        this.parts = parts;
        request = new Http2Request(secure);
        previous = channel.newSucceededFuture();
    }

    /** Whether a channel is a stream. */
    static boolean isIn(Channel channel) {
        return channel instanceof Http2StreamChannel;
    }

    /** Lets parts of files be written to a stream. */
    static void takeFiles(Channel channel) {
        channel.pipeline().addAfter(NAME, null, new ChunkedWriteHandler());
    }

    /** Bytes of bodies that a server has taken in HTTP/2. */
    static long sent(Channel channel) {
        Http2Bridge bridge = of(channel);
        return bridge == null ? 0 : bridge.sent.of(bridge.channel.stream().id());
    }

    /** Whether the server has not looked at the request at all, and says so (RFC 9113 §8.7). */
    static boolean isRefused(Channel channel) {
        Http2Bridge bridge = of(channel);
        return bridge != null && bridge.refused;
    }

    /** The answer is complete: the stream ends by itself, or soon. */
    static void leave(Channel channel) {
        Http2Bridge bridge = of(channel);
        if (bridge == null) {
            channel.close();
        } else if (!bridge.answer.isOver()) {
            channel.eventLoop().schedule(() -> channel.close(), END_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static Http2Bridge of(Channel channel) {
        return isIn(channel) ? channel.pipeline().get(Http2Bridge.class) : null;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        ByteBuf part = (ByteBuf) message;
        try {
            while (part.isReadable()) {
                Http2Request.Piece piece = request.next(part);
                if (piece.head() != null) {
                    answer.begin(piece.isHead(), request.isSocket());
                    previous = ctx.write(new DefaultHttp2HeadersFrame(piece.head(), piece.last()));
                } else if (piece.body() != null) {
                    previous = ctx.write(new DefaultHttp2DataFrame(piece.body(), piece.last()));
                }
            }
            // What brings no frame is through when that before it is.
            previous.addListener(done -> {
                if (done.isSuccess()) {
                    promise.trySuccess();
                } else {
                    promise.tryFailure(done.cause());
                }
            });
        } catch (Http2Request.UntranslatableException e) {
            promise.setFailure(e);
            ctx.close();
        } finally {
            part.release();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ctx.fireChannelWritabilityChanged();
        // Windows are just being looked at, and what has come meanwhile would wait for the next look.
        ctx.executor().execute(channel.parent()::flush);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf out;
        try {
            out = switch (message) {
                case Http2HeadersFrame head -> answer.head(head.headers(), head.isEndStream(), ctx.alloc());
                case Http2DataFrame data -> {
                    parts.read();
                    yield answer.data(data.content(), data.isEndStream(), ctx.alloc());
                }
                default -> Unpooled.EMPTY_BUFFER;
            };
        } finally {
            ReferenceCountUtil.release(message);
        }
        if (out.isReadable()) {
            ctx.fireChannelRead(out);
        } else {
            out.release();
        }
        if (answer.isSocket() && answer.isOver() && !answer.isBroken()) {
            // The other side of the WebSocket ends with this one, as that of a connection does.
            ctx.writeAndFlush(new DefaultHttp2DataFrame(true));
        }
        if (answer.isBroken()) {
            ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.PROTOCOL_ERROR));
            ctx.close();
        }
    }

    /** What has come before the end is read before the channel ends. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        try {
            refused |= event instanceof Http2GoAwayFrame
                || event instanceof Http2ResetFrame reset && reset.errorCode() == Http2Error.REFUSED_STREAM.code();
        } finally {
            ReferenceCountUtil.release(event);
        }
    }

    /** What is wrong with a stream ends it, as if the server had; what Netty has found wrong it ends by itself. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof Http2Exception)) {
            ctx.close();
        }
    }
}

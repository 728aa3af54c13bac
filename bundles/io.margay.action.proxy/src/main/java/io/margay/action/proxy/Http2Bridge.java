// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2ChannelDuplexHandler;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.handler.stream.ChunkedNioFile;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;

/**
 * Between a connection that speaks HTTP/1.1, one request after the other, and a server that is spoken to in HTTP/2:
 * each request is a stream. So everything else, rules and limits for answers included, is the same for both. On the
 * loop of the connection.
 *
 * <p>A part of a body is written when the windows of the server allow it. While many wait for that, {@link #takesMore}
 * says so, and a change of the channel's writability is told when there is room again; the channel itself stays
 * writable, since otherwise Netty would write nothing that windows allow. A part of an answer has left the window of
 * its stream when it was taken: who does not read the channel slows the server.
 */
final class Http2Bridge extends Http2ChannelDuplexHandler {
    /** Bytes that wait for a window, from which on there should be no more, and below which there may be again. */
    private static final int HIGH = 64 << 10;
    private static final int LOW = 32 << 10;

    private final Http2Request request;
    private final Http2Answer answer = new Http2Answer();
    private Http2FrameStream stream;
    private long waiting;
    private boolean full;
    /** A body from a file, of which the next part is read when there is room; null when there is none. */
    private ChunkedNioFile file;
    private ChannelPromise fileSent;
    private long sent;
    /** The server takes no more streams. */
    private boolean leaving;

    private Http2Bridge(boolean secure) {
        request = new Http2Request(secure);
    }

    /**
     * Makes a channel one to a server that speaks HTTP/2.
     *
     * @param before the name of the handler that sends requests, if it is there already; others come behind this one
     * @param longestHead bytes of the head of an answer at most
     */
    static void install(ChannelPipeline pipeline, Optional<String> before, boolean secure, int longestHead) {
        Http2FrameCodec codec = Http2FrameCodecBuilder.forClient()
            .initialSettings(Http2Settings.defaultSettings().pushEnabled(false).maxHeaderListSize(longestHead))
            // Who closes a connection does not want the rest of an answer.
            .gracefulShutdownTimeoutMillis(0)
            .build();
        Http2Bridge bridge = new Http2Bridge(secure);
        if (before.isPresent()) {
            pipeline.addBefore(before.get(), null, codec).addBefore(before.get(), null, bridge);
        } else {
            pipeline.addLast(codec, bridge);
        }
    }

    /** Whether a channel has one. */
    static boolean isIn(Channel channel) {
        return channel.pipeline().get(Http2Bridge.class) != null;
    }

    /** Whether a server takes more of a body now; whatever it speaks. */
    static boolean takesMore(Channel channel) {
        Http2Bridge bridge = channel.pipeline().get(Http2Bridge.class);
        return channel.isWritable() && (bridge == null || !bridge.full);
    }

    /** Bytes of bodies that a server has taken in HTTP/2. */
    static long sent(Channel channel) {
        Http2Bridge bridge = channel.pipeline().get(Http2Bridge.class);
        return bridge == null ? 0 : bridge.sent;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof ChunkedNioFile body) {
            file = body;
            fileSent = promise;
            fill(ctx);
        } else if (message instanceof ByteBuf part) {
            write(ctx, part, promise);
        } else {
            ctx.write(message, promise);
        }
    }

    private void write(ChannelHandlerContext ctx, ByteBuf part, ChannelPromise promise) {
        try {
            ChannelFuture last = null;
            while (part.isReadable()) {
                Http2Request.Piece piece = request.next(part);
                if (piece.head() != null) {
                    stream = newStream();
                    answer.begin(piece.isHead());
                    last = ctx.write(new DefaultHttp2HeadersFrame(piece.head(), piece.last()).stream(stream));
                } else if (piece.body() != null) {
                    last = body(ctx, piece.body(), piece.last());
                }
            }
            if (last == null) {
                promise.setSuccess();
            } else {
                last.addListener(done -> {
                    if (done.isSuccess()) {
                        promise.trySuccess();
                    } else {
                        promise.tryFailure(done.cause());
                        // Like a connection that the server has closed: it takes no more streams.
                        ctx.close();
                    }
                });
            }
        } catch (Http2Request.UntranslatableException e) {
            promise.setFailure(e);
            ctx.close();
        } finally {
            part.release();
        }
    }

    /** Writes parts of a file while there is room. */
    private void fill(ChannelHandlerContext ctx) {
        try {
            while (file != null && !full) {
                ByteBuf part = file.readChunk(ctx.alloc());
                boolean ends = part == null || file.isEndOfInput();
                ChannelPromise promise = ends ? fileSent : ctx.newPromise();
                if (ends) {
                    closeFile();
                }
                if (part == null) {
                    promise.trySuccess();
                } else {
                    write(ctx, part, promise);
                }
            }
        } catch (Exception e) {
            ctx.close();
        }
    }

    private void closeFile() throws Exception {
        ChunkedNioFile old = file;
        file = null;
        if (old != null) {
            old.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        closeFile();
        ctx.fireChannelInactive();
    }

    private ChannelFuture body(ChannelHandlerContext ctx, ByteBuf part, boolean isLast) {
        int size = part.readableBytes();
        waiting += size;
        full = waiting >= HIGH || full;
        return ctx.write(new DefaultHttp2DataFrame(part, isLast).stream(stream)).addListener(done -> {
            waiting -= size;
            sent += size;
            if (full && waiting < LOW && done.isSuccess()) {
                full = false;
                fill(ctx);
                ctx.fireChannelWritabilityChanged();
                // Windows are just being looked at, and what has come meanwhile would wait for the next look.
                ctx.executor().execute(ctx::flush);
            }
        });
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof Http2GoAwayFrame last) {
                leaving = true;
                if (answer.isOver() || stream.id() > last.lastStreamId()) {
                    ctx.close();
                }
            } else if (message instanceof Http2StreamFrame frame && frame.stream().equals(stream)) {
                take(ctx, frame);
            } else if (message instanceof Http2DataFrame late) {
                taken(ctx, late);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void take(ChannelHandlerContext ctx, Http2StreamFrame frame) {
        ByteBuf out = switch (frame) {
            case Http2HeadersFrame head -> answer.head(head.headers(), head.isEndStream(), ctx.alloc());
            case Http2DataFrame data -> answer.data(data.content(), data.isEndStream(), ctx.alloc());
            default -> Unpooled.EMPTY_BUFFER;
        };
        if (frame instanceof Http2ResetFrame) {
            answer.reset();
        }
        if (frame instanceof Http2DataFrame data) {
            taken(ctx, data);
        }
        if (out.isReadable()) {
            ctx.fireChannelRead(out);
        } else {
            out.release();
        }
        if (answer.isBroken() || leaving && answer.isOver()) {
            ctx.close();
        }
    }

    private static void taken(ChannelHandlerContext ctx, Http2DataFrame data) {
        if (data.initialFlowControlledBytes() > 0 && ctx.channel().isActive()) {
            ctx.write(new DefaultHttp2WindowUpdateFrame(data.initialFlowControlledBytes()).stream(data.stream()));
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
        ctx.fireChannelReadComplete();
    }

    /** What is wrong with a stream or the connection ends the connection, as if the server had closed it. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}

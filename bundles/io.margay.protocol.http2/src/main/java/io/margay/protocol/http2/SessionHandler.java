// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.margay.http.HttpSettings;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2PromisedRequestVerifier;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;

/** Netty's codec for one connection, as a strict server wants it. */
final class SessionHandler extends Http2ConnectionHandler {
    /** Requests that one client may have at the same time. */
    static final int STREAMS = 128;
    /** What a client may send of one body before any of it was stored, bytes. */
    private static final int STREAM_WINDOW = 256 * 1024;
    private static final int CONNECTION_WINDOW = 1024 * 1024;
    private static final int DEFAULT_WINDOW = 65_535;
    /** Frames of less than 8 KiB in which one list of fields may come. */
    private static final int CONTINUATIONS = 16;
    /**
     * Bytes of bodies that follow the words in which the server changes to HTTP/2 before the client has begun with it:
     * curl before 8 gives up when it reads more than 32 KiB with them.
     */
    private static final int EARLY_WINDOW = 16 * 1024;
    private static final int FIRST_READ = 4096;
    private static final int USUAL_READ = 16 * 1024;
    private static final int LONGEST_READ = 256 * 1024;
    private static final int READS_PER_TURN = 4;

    private final Http2Session session;
    private boolean reading;
    private boolean widened;
    private boolean narrow;

    private SessionHandler(Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings,
            Http2Session session) {
        super(decoder, encoder, settings, true);
        this.session = session;
    }

    /** Adds what a connection needs to the end of its pipeline. */
    static SessionHandler attach(Channel channel, Http2Session session) {
        try {
            HttpSettings limits = session.server().settings();
            DefaultHttp2Connection connection = new DefaultHttp2Connection(true, 0);
            connection.remote().maxActiveStreams(STREAMS);
            // The answers of one client get the same each, whatever priorities it sends.
            connection.remote().flowController(new DefaultHttp2RemoteFlowController(connection,
                new UniformStreamByteDistributor(connection)));
            long most = StreamRules.limit(limits);
            FloodGuard guard = new FloodGuard(new DefaultHttp2FrameReader(new HeadDecoder(most), CONTINUATIONS),
                new StreamHistory(connection), session.loop()::now);
            Http2ConnectionEncoder encoder = new DefaultHttp2ConnectionEncoder(connection,
                new DefaultHttp2FrameWriter());
            Http2ConnectionDecoder decoder = new DefaultHttp2ConnectionDecoder(connection, encoder, guard,
                Http2PromisedRequestVerifier.ALWAYS_VERIFY, true, true, false);
            Http2Settings settings = Http2Settings.defaultSettings().maxConcurrentStreams(STREAMS)
                .initialWindowSize(STREAM_WINDOW).maxHeaderListSize(most).connectProtocolEnabled(true);
            FrameEvents events = new FrameEvents(connection, session);
            decoder.frameListener(events);
            SessionHandler handler = new SessionHandler(decoder, encoder, settings, session);
            session.use(handler, events, guard);
            AdaptiveRecvByteBufAllocator sizes = new AdaptiveRecvByteBufAllocator(FIRST_READ, USUAL_READ, LONGEST_READ);
            sizes.maxMessagesPerRead(READS_PER_TURN);
            channel.config().setRecvByteBufAllocator(sizes);
            // A client that ends its side cannot even say that it has room for the answer.
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
            channel.pipeline().addLast(handler, session);
            return handler;
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Takes what the client has said before it came to speak HTTP/2: its settings and the first request. */
    void begin(Channel channel, UpgradeRequest request) {
        try {
            onHttpServerUpgrade(request.settings());
            narrow = true;
            encoder().flowController().incrementWindowSize(connection().connectionStream(),
                EARLY_WINDOW - DEFAULT_WINDOW);
            session.resume(connection().stream(Http2CodecUtil.HTTP_UPGRADE_STREAM_ID), request.head());
        } catch (Http2Exception e) {
            onError(channel.pipeline().context(this), false, e);
        }
    }

    /** The client has sent its settings: it may be sent what a window holds. */
    void begun() throws Http2Exception {
        if (narrow) {
            narrow = false;
            encoder().flowController().incrementWindowSize(connection().connectionStream(),
                DEFAULT_WINDOW - EARLY_WINDOW);
        }
    }

    /** Whether what has come is being read: whatever is sent meanwhile is flushed at the end of that. */
    boolean isReading() {
        return reading;
    }

    /** Whether a frame has begun to come. */
    boolean isInFrame() {
        return internalBuffer().isReadable();
    }

    /** Lets clients send more at a time than a new connection allows; after the first frame of the own. */
    void widen(ChannelHandlerContext ctx) throws Http2Exception {
        if (!widened && ctx.channel().isActive()) {
            widened = true;
            decoder().flowController().incrementWindowSize(connection().connectionStream(),
                CONNECTION_WINDOW - DEFAULT_WINDOW);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        if (session.drains((ByteBuf) message)) {
            return;
        }
        reading = true;
        session.arrived();
        super.channelRead(ctx, message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        reading = false;
        super.channelReadComplete(ctx);
    }

    @Override
    protected void onConnectionError(ChannelHandlerContext ctx, boolean outbound, Throwable cause,
            Http2Exception failure) {
        session.failed(cause, failure);
        super.onConnectionError(ctx, outbound, cause, failure);
    }

    @Override
    protected void onStreamError(ChannelHandlerContext ctx, boolean outbound, Throwable cause,
            Http2Exception.StreamException failure) {
        if (failure instanceof Http2Exception.HeaderListSizeException size && size.duringDecode()) {
            tooLong(ctx, failure);
            return;
        }
        super.onStreamError(ctx, outbound, cause, failure);
        try {
            session.faulty();
        } catch (Http2Exception e) {
            onError(ctx, outbound, e);
        }
    }

    /** The list of fields was decoded, but not kept: the client is told what is wrong with it. */
    private void tooLong(ChannelHandlerContext ctx, Http2Exception.StreamException failure) {
        Http2Stream stream = connection().stream(failure.streamId());
        try {
            if (stream == null) {
                session.tooLong(connection().remote().createStream(failure.streamId(), true));
            } else {
                // Fields after a body.
                super.onStreamError(ctx, false, failure, Http2Exception.streamError(failure.streamId(),
                    failure.error(), "trailers too long") instanceof Http2Exception.StreamException plain ? plain
                    : failure);
            }
            session.faulty();
        } catch (Http2Exception e) {
            onError(ctx, false, e);
        }
    }
}

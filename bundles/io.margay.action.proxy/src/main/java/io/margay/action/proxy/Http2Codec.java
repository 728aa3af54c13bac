// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Settings;
import java.util.function.LongSupplier;

/** Makes the codec of a connection to a server, which counts what comes and what leaves. */
final class Http2Codec extends Http2FrameCodecBuilder {
    private final SentBytes sent;

    /**
     * Prepares one.
     *
     * @param longestHead bytes of the head of an answer at most
     * @param clock nanoseconds
     */
    Http2Codec(int longestHead, int streamWindow, LongSupplier clock) {
        DefaultHttp2Connection connection = new DefaultHttp2Connection(false, 0);
        Http2Guard guard = new Http2Guard(
            new DefaultHttp2FrameReader(new DefaultHttp2HeadersDecoder(true, longestHead)), clock);
        Http2ConnectionEncoder encoder = new DefaultHttp2ConnectionEncoder(connection, new DefaultHttp2FrameWriter());
        sent = SentBytes.of(connection, guard);
        codec(new DefaultHttp2ConnectionDecoder(connection, encoder, guard), encoder);
        initialSettings(Http2Settings.defaultSettings().pushEnabled(false).maxHeaderListSize(longestHead)
            .initialWindowSize(streamWindow));
        // Who closes a connection does not want the rest of an answer.
        gracefulShutdownTimeoutMillis(0);
    }

    /** What has left. */
    SentBytes sent() {
        return sent;
    }

    /** Makes it. */
    Http2FrameCodec make() {
        return build();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;

/** Gives what Netty's codec has read, and found to be in order, to the stream that it concerns. */
final class FrameEvents extends Http2FrameAdapter {
    private final Http2Connection connection;
    private final Http2Connection.PropertyKey key;
    private final Http2Session session;
    private long windows;

    FrameEvents(Http2Connection connection, Http2Session session) {
        this.connection = connection;
        this.session = session;
        key = connection.newKey();
        connection.addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                RequestStream request = stream.removeProperty(key);
                if (request != null) {
                    request.closed();
                    session.ended();
                }
            }
        });
    }

    /** How many times the client has opened the window of the connection. */
    long windows() {
        return windows;
    }

    /** The request of a stream; null if it has none. */
    RequestStream request(Http2Stream stream) {
        return stream.getProperty(key);
    }

    /** Makes a request of a stream. */
    void request(Http2Stream stream, RequestStream request) {
        stream.setProperty(key, request);
    }

    @Override
    public void onHeadersRead(ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean last)
            throws Http2Exception {
        Http2Stream stream = connection.stream(streamId);
        RequestStream request = request(stream);
        if (request == null) {
            session.begin(stream, (StreamHead) headers, last);
        } else {
            request.trailers((StreamHead) headers);
        }
    }

    @Override
    public void onHeadersRead(ChannelHandlerContext ctx, int streamId, Http2Headers headers, int dependency,
            short weight, boolean exclusive, int padding, boolean last) throws Http2Exception {
        // Priorities of this kind are obsolete (RFC 9113 §5.3.2).
        onHeadersRead(ctx, streamId, headers, padding, last);
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) throws Http2Exception {
        ((SessionHandler) ctx.handler()).begun();
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext ctx, int streamId, int more) {
        RequestStream request = streamId == 0 ? null : request(connection.stream(streamId));
        if (streamId == 0) {
            windows++;
        } else if (request != null) {
            request.opened();
        }
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long data) {
        session.ponged(data);
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean last)
            throws Http2Exception {
        RequestStream request = request(connection.stream(streamId));
        return request == null ? data.readableBytes() + padding : request.data(data, padding, last);
    }
}

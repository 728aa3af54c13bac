// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.Allowance;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2Settings;
import java.util.function.LongSupplier;

/**
 * Counts the frames of a server that make work and bring nothing (RFC 9113 §10.5), those for streams that are gone
 * included, and ends a connection with too many of them with ENHANCE_YOUR_CALM, as {@code protocol.http2} does for
 * clients. RST_STREAM needs no count: each needs a request of ours. On the loop of the connection.
 */
final class Http2Guard implements Http2FrameReader {
    /** Also for each second: there are servers that measure their way with PING. */
    private static final int CONTROLS = 1000;
    /** A part of a body without a byte has no use at all, and SETTINGS make work for each stream. */
    private static final int EMPTY_COST = 10;
    private static final int UPDATES = 4000;
    private static final int UPDATES_PER_SECOND = 200;
    /** A server opens two windows for a part of a body; some do it for every few kilobytes. */
    private static final int UPDATES_PER_PART = 8;
    /** What waits for a server that sends what has to be answered and reads nothing; bodies stay far below. */
    private static final long MOST_UNSENT = 1 << 20;

    private final Http2FrameReader reader;
    private final Allowance controls;
    private final Allowance updates;
    private Counting counting;

    Http2Guard(Http2FrameReader reader, LongSupplier nanos) {
        this.reader = reader;
        controls = new Allowance(CONTROLS, CONTROLS, nanos);
        updates = new Allowance(UPDATES, UPDATES_PER_SECOND, nanos);
    }

    /** A part of a body was sent. */
    void sent() {
        updates.give(UPDATES_PER_PART);
    }

    @Override
    public void readFrame(ChannelHandlerContext ctx, ByteBuf input, Http2FrameListener listener) throws Http2Exception {
        if (counting == null || counting.target != listener) {
            counting = new Counting(listener);
        }
        reader.readFrame(ctx, input, counting);
    }

    @Override
    public Configuration configuration() {
        return reader.configuration();
    }

    @Override
    public void close() {
        reader.close();
    }

    private static void spend(Allowance allowance, int cost, String what) throws Http2Exception {
        if (!allowance.take(cost)) {
            throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "too many %s", what);
        }
    }

    /** One that will be answered. */
    private void question(ChannelHandlerContext ctx, int cost, String what) throws Http2Exception {
        ChannelOutboundBuffer unsent = ctx.channel().unsafe().outboundBuffer();
        if (unsent != null && unsent.totalPendingWriteBytes() > MOST_UNSENT) {
            throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "answers to %s are not read", what);
        }
        spend(controls, cost, what);
    }

    /** Sees each frame before it is looked at. */
    private final class Counting extends Http2FrameListenerDecorator {
        private final Http2FrameListener target;

        Counting(Http2FrameListener target) {
            super(target);
            this.target = target;
        }

        @Override
        public int onDataRead(ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean last)
                throws Http2Exception {
            if (!data.isReadable() && !last) {
                spend(controls, EMPTY_COST, "empty frames");
            }
            return super.onDataRead(ctx, streamId, data, padding, last);
        }

        @Override
        public void onPriorityRead(ChannelHandlerContext ctx, int streamId, int dependency, short weight,
                boolean exclusive) throws Http2Exception {
            spend(controls, 1, "PRIORITY frames");
            super.onPriorityRead(ctx, streamId, dependency, weight, exclusive);
        }

        @Override
        public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) throws Http2Exception {
            question(ctx, EMPTY_COST, "SETTINGS frames");
            super.onSettingsRead(ctx, settings);
        }

        @Override
        public void onSettingsAckRead(ChannelHandlerContext ctx) throws Http2Exception {
            spend(controls, 1, "SETTINGS frames");
            super.onSettingsAckRead(ctx);
        }

        @Override
        public void onPingRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
            question(ctx, 1, "PING frames");
            super.onPingRead(ctx, data);
        }

        @Override
        public void onPingAckRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
            spend(controls, 1, "PING frames");
            super.onPingAckRead(ctx, data);
        }

        @Override
        public void onGoAwayRead(ChannelHandlerContext ctx, int lastStream, long code, ByteBuf text)
                throws Http2Exception {
            spend(controls, EMPTY_COST, "GOAWAY frames");
            super.onGoAwayRead(ctx, lastStream, code, text);
        }

        @Override
        public void onWindowUpdateRead(ChannelHandlerContext ctx, int streamId, int more) throws Http2Exception {
            spend(updates, 1, "WINDOW_UPDATE frames");
            super.onWindowUpdateRead(ctx, streamId, more);
        }

        @Override
        public void onUnknownFrame(ChannelHandlerContext ctx, byte type, int streamId, Http2Flags flags,
                ByteBuf payload) throws Http2Exception {
            spend(controls, 1, "frames of an unknown type");
            super.onUnknownFrame(ctx, type, streamId, flags, payload);
        }
    }
}

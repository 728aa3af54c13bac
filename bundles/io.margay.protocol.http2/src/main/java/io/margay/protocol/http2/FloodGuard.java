// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.margay.http.Allowance;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import java.util.function.LongSupplier;

/**
 * Counts the frames of one client that make work and bring nothing (RFC 9113 §10.5), those for streams that are gone
 * included, and ends the connection of one that sends too many of them with ENHANCE_YOUR_CALM: streams that are reset
 * (CVE-2023-44487) or that make the server reset them (CVE-2025-8671), SETTINGS, PING, PRIORITY, unknown and empty
 * frames, windows that are opened by crumbs. Ordinary work gives the client its credit back.
 */
final class FloodGuard implements Http2FrameReader {
    /** Streams that may be reset at once; browsers cancel many when somebody leaves a page. */
    private static final int RESETS = 200;
    private static final int RESETS_PER_SECOND = 10;
    private static final int CONTROLS = 1000;
    private static final int CONTROLS_PER_SECOND = 50;
    /** A part of a body without a byte has no use at all. */
    private static final int EMPTY_COST = 10;
    private static final int UPDATES = 4000;
    private static final int UPDATES_PER_SECOND = 200;
    /** A client opens two windows for a part of a body; some do it for every few kilobytes. */
    private static final int UPDATES_PER_PART = 8;

    private final Http2FrameReader reader;
    private final StreamHistory history;
    private final Allowance resets;
    private final Allowance controls;
    private final Allowance updates;
    private Counting counting;
    private long frames;

    FloodGuard(Http2FrameReader reader, StreamHistory history, LongSupplier nanos) {
        this.reader = reader;
        this.history = history;
        resets = new Allowance(RESETS, RESETS_PER_SECOND, nanos);
        controls = new Allowance(CONTROLS, CONTROLS_PER_SECOND, nanos);
        updates = new Allowance(UPDATES, UPDATES_PER_SECOND, nanos);
    }

    /** How many frames, or lists of fields, were complete so far. */
    long frames() {
        return frames;
    }

    /** A request has got its answer. */
    void answered() {
        resets.give(1);
    }

    /** A part of a body was sent. */
    void sent() {
        updates.give(UPDATES_PER_PART);
    }

    /** The client has made the server reset a stream. */
    void faulty() throws Http2Exception {
        spend(resets, 1, "streams that have to be reset");
    }

    @Override
    public void readFrame(ChannelHandlerContext ctx, ByteBuf input, Http2FrameListener listener) throws Http2Exception {
        if (counting == null || !counting.isFor(listener)) {
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

    /** Sees each frame before it is looked at. */
    private final class Counting extends Http2FrameListenerDecorator {
        private final Http2FrameListener target;

        Counting(Http2FrameListener target) {
            super(target);
            this.target = target;
        }

        boolean isFor(Http2FrameListener listener) {
            return target == listener;
        }

        @Override
        public int onDataRead(ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean last)
                throws Http2Exception {
            frames++;
            if (!data.isReadable() && !last) {
                spend(controls, EMPTY_COST, "empty frames");
            }
            if (history.isReset(streamId)) {
                // It was on its way; what it takes of the window of the connection is given back.
                history.swallow(data, padding, last);
                return data.readableBytes() + padding;
            }
            return super.onDataRead(ctx, streamId, data, padding, last);
        }

        @Override
        public void onHeadersRead(ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding,
                boolean last) throws Http2Exception {
            frames++;
            history.check(streamId);
            super.onHeadersRead(ctx, streamId, headers, padding, last);
        }

        @Override
        public void onHeadersRead(ChannelHandlerContext ctx, int streamId, Http2Headers headers, int dependency,
                short weight, boolean exclusive, int padding, boolean last) throws Http2Exception {
            frames++;
            history.check(streamId);
            super.onHeadersRead(ctx, streamId, headers, dependency, weight, exclusive, padding, last);
        }

        @Override
        public void onPriorityRead(ChannelHandlerContext ctx, int streamId, int dependency, short weight,
                boolean exclusive) throws Http2Exception {
            frames++;
            spend(controls, 1, "PRIORITY frames");
            super.onPriorityRead(ctx, streamId, dependency, weight, exclusive);
        }

        @Override
        public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long code) throws Http2Exception {
            frames++;
            spend(resets, 1, "RST_STREAM frames");
            super.onRstStreamRead(ctx, streamId, code);
        }

        @Override
        public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) throws Http2Exception {
            frames++;
            spend(controls, EMPTY_COST, "SETTINGS frames");
            super.onSettingsRead(ctx, settings);
        }

        @Override
        public void onSettingsAckRead(ChannelHandlerContext ctx) throws Http2Exception {
            frames++;
            spend(controls, 1, "SETTINGS frames");
            super.onSettingsAckRead(ctx);
        }

        @Override
        public void onPingRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
            frames++;
            spend(controls, 1, "PING frames");
            super.onPingRead(ctx, data);
        }

        @Override
        public void onPingAckRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
            frames++;
            spend(controls, 1, "PING frames");
            super.onPingAckRead(ctx, data);
        }

        @Override
        public void onGoAwayRead(ChannelHandlerContext ctx, int lastStream, long code, ByteBuf text)
                throws Http2Exception {
            frames++;
            spend(controls, EMPTY_COST, "GOAWAY frames");
            super.onGoAwayRead(ctx, lastStream, code, text);
        }

        @Override
        public void onWindowUpdateRead(ChannelHandlerContext ctx, int streamId, int more) throws Http2Exception {
            frames++;
            spend(updates, 1, "WINDOW_UPDATE frames");
            super.onWindowUpdateRead(ctx, streamId, more);
        }

        @Override
        public void onUnknownFrame(ChannelHandlerContext ctx, byte type, int streamId, Http2Flags flags,
                ByteBuf payload) throws Http2Exception {
            frames++;
            spend(controls, 1, "frames of an unknown type");
            super.onUnknownFrame(ctx, type, streamId, flags, payload);
        }
    }
}

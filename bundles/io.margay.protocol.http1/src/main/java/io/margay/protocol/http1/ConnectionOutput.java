// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.HttpLoop;
import io.margay.http.HttpSettings;
import io.margay.http.Linger;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.FileRegion;

/**
 * The sending side of one connection. Heads and small bodies gather in one buffer until {@link #flush}, so that a
 * response, or all responses of one read, leave with one write; large bodies are passed on without a copy.
 */
final class ConnectionOutput {
    private static final int FIRST_ROOM = 1024;
    private static final int FULL = 16 * 1024;
    private static final int WORTH_A_REFERENCE = 8 * 1024;
    /** For those who had nothing to say. */
    private static final int IDLE_RESPONSE_SECONDS = 10;

    private final ChannelHandlerContext ctx;
    private final HttpLoop loop;
    private final SpareBuffer spare;
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private boolean unflushed;
    private boolean secure;
    private int sendTimeout;
    private int minRate;
    private final Rate rate = new Rate();
    /** Bytes that the channel was given, those of files when they are sent. */
    private long given;
    private long mark = -1;
    private long stuckAt;

    /** Writes to {@code ctx}; gathers in the spare buffer of the loop when it is free. */
    ConnectionOutput(ChannelHandlerContext ctx, Http1Loop shared) {
        this.ctx = ctx;
        loop = shared.http();
        spare = shared.output();
    }

    /** From now on bytes pass through TLS. */
    void secure() {
        secure = true;
    }

    boolean isSecure() {
        return secure;
    }

    /** The buffer to write the next {@code size} bytes to, at once. */
    ByteBuf room(int size) {
        if (buffer == Unpooled.EMPTY_BUFFER) {
            buffer = spare.take(Math.max(size, FIRST_ROOM));
        } else if (buffer.writableBytes() < size && buffer.readableBytes() >= FULL) {
            pass();
            buffer = spare.take(Math.max(size, FIRST_ROOM));
        } else {
            buffer.ensureWritable(size);
        }
        return buffer;
    }

    /** Takes over {@code data}. */
    void append(ByteBuf data) {
        int size = data.readableBytes();
        if (size <= WORTH_A_REFERENCE || !data.isDirect()) {
            room(size).writeBytes(data);
            data.release();
        } else {
            pass();
            unflushed = true;
            given += size;
            ctx.write(data, ctx.voidPromise());
        }
    }

    /** Takes over {@code region}, sends it, and runs {@code sent} when it is in the socket. */
    void append(FileRegion region, Runnable sent) {
        pass();
        if (secure) {
            unflushed = false;
            new RegionPump(ctx, region, sent, size -> given += size).next();
            return;
        }
        long size = region.count();
        ctx.writeAndFlush(region).addListener((ChannelFutureListener) future -> {
            given += size;
            if (future.isSuccess()) {
                sent.run();
            } else {
                ctx.close();
            }
        });
        watch();
    }

    private void pass() {
        if (buffer != Unpooled.EMPTY_BUFFER) {
            ByteBuf full = buffer;
            buffer = Unpooled.EMPTY_BUFFER;
            unflushed = true;
            given += full.readableBytes();
            ctx.write(full, ctx.voidPromise());
        }
    }

    void flush() {
        pass();
        unflushed = false;
        ctx.flush();
        watch();
    }

    /** Notes when data begins to wait for the socket, so that a timeout does not run from the next tick only. */
    private void watch() {
        if (isBusy() && mark < 0) {
            isStuck(loop.now());
        }
    }

    /** Whether there is something that {@link #flush} would send. */
    boolean hasGathered() {
        return unflushed || buffer != Unpooled.EMPTY_BUFFER;
    }

    boolean isWritable() {
        return ctx.channel().isWritable();
    }

    /** Closes the connection as soon as everything is in the socket. */
    void closeWhenWritten() {
        last().addListener(ChannelFutureListener.CLOSE);
    }

    /** Tells the client the end of the stream as soon as everything is in the socket; {@code rest} takes what comes. */
    void shutdownWhenWritten(Linger rest) {
        rest.begin(last(), ctx, secure);
    }

    private ChannelFuture last() {
        ByteBuf rest = buffer;
        buffer = Unpooled.EMPTY_BUFFER;
        unflushed = false;
        given += rest.readableBytes();
        return ctx.writeAndFlush(rest);
    }

    /** Forgets what was gathered and not passed on. */
    void discard() {
        buffer.release();
        buffer = Unpooled.EMPTY_BUFFER;
    }

    /** Sets the longest time without progress, and the least progress. */
    void limits(HttpSettings settings) {
        sendTimeout = settings.sendTimeout();
        minRate = settings.sendMinRate();
    }

    /** Does not wait long for the client to take the rest. */
    void hurry() {
        sendTimeout = IDLE_RESPONSE_SECONDS;
    }

    /** Whether data waits for the socket. */
    boolean isBusy() {
        ChannelOutboundBuffer waiting = ctx.channel().unsafe().outboundBuffer();
        boolean busy = waiting != null && !waiting.isEmpty();
        if (!busy) {
            mark = -1;
        }
        return busy;
    }

    /** Whether waiting data has made no progress for the send timeout, or too little. Asked by the timer while busy. */
    boolean isStuck(long now) {
        ChannelOutboundBuffer waiting = ctx.channel().unsafe().outboundBuffer();
        long seen = waiting.totalPendingWriteBytes() * 31 + waiting.size() * 7L + waiting.currentProgress()
            & Long.MAX_VALUE;
        // What the channel has besides, for each message, is little.
        long sent = given - waiting.totalPendingWriteBytes() + waiting.currentProgress();
        if (mark < 0) {
            rate.begin(now, sent);
        }
        if (seen != mark) {
            mark = seen;
            stuckAt = now + sendTimeout * 1_000_000_000L;
            return rate.isBelow(minRate, now, sent);
        }
        return sendTimeout > 0 && now - stuckAt >= 0 || rate.isBelow(minRate, now, sent);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.function.IntConsumer;

/**
 * Sends a file through a layer that has to see its bytes, TLS: piece by piece, the next when the last is in the socket,
 * so that a slow client holds one piece. On the loop of the connection.
 */
final class RegionPump implements WritableByteChannel {
    /** Four records of TLS. */
    private static final int PIECE = 64 * 1024;

    private final ChannelHandlerContext ctx;
    private final FileRegion region;
    private final Runnable sent;
    private final IntConsumer given;
    private ByteBuf piece;
    private long position;

    /** Sends by {@code ctx}; {@code given} hears the size of each piece. */
    RegionPump(ChannelHandlerContext ctx, FileRegion region, Runnable sent, IntConsumer given) {
        this.ctx = ctx;
        this.region = region;
        this.sent = sent;
        this.given = given;
    }

    /** Takes the region over and begins; {@code sent} runs at the end, or the connection is closed. */
    void next() {
        if (position == region.count()) {
            region.release();
            sent.run();
            return;
        }
        piece = ctx.alloc().directBuffer((int) Math.min(PIECE, region.count() - position));
        try {
            long count = region.transferTo(this, position);
            if (count <= 0) {
                throw new IOException("the file has become shorter");
            }
            position += count;
        } catch (IOException e) {
            piece.release();
            region.release();
            ctx.close();
            return;
        }
        given.accept(piece.readableBytes());
        ctx.writeAndFlush(piece).addListener(written -> {
            if (written.isSuccess()) {
                next();
            } else {
                region.release();
                ((ChannelFuture) written).channel().close();
            }
        });
    }

    @Override
    public int write(ByteBuffer source) {
        int count = Math.min(source.remaining(), piece.writableBytes());
        int limit = source.limit();
        source.limit(source.position() + count);
        piece.writeBytes(source);
        source.limit(limit);
        return count;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // Nothing is held here.
    }
}

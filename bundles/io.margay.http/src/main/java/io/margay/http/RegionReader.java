// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * Turns a file region into parts of a body that can be read, the next when the client takes it. Owns the region until
 * the end of the exchange. On the loop.
 */
final class RegionReader implements WritableByteChannel {
    private static final int PIECE = 64 * 1024;

    private final BaseExchange exchange;
    private final FileRegion region;
    private ByteBuf piece;
    private long position;

    RegionReader(BaseExchange exchange, FileRegion region) {
        this.exchange = exchange;
        this.region = region;
        exchange.onDone((ended, complete) -> region.release());
    }

    /** Writes as many parts as the client takes now. */
    void next() {
        while (!exchange.isDone()) {
            if (!exchange.isWritable()) {
                exchange.onWritable(this::next);
                exchange.flush();
                return;
            }
            piece = PooledByteBufAllocator.DEFAULT.directBuffer(
                (int) Math.min(PIECE, region.count() - position));
            try {
                long count = position == region.count() ? 0 : region.transferTo(this, position);
                if (count <= 0 && position < region.count()) {
                    throw new IOException("the file has become shorter");
                }
                position += count;
            } catch (IOException e) {
                piece.release();
                exchange.loop().log().error("a file could not be read: " + e.getMessage());
                exchange.abort();
                return;
            }
            exchange.write(piece, position == region.count());
        }
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

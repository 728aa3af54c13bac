// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.compression;

import io.margay.http.BodyFilter;
import io.margay.http.BodySink;
import io.margay.http.Exchange;
import io.margay.http.Variants;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Optional;

/**
 * One body on its way through an encoder. Each part is coded so that the client can decode it at once; one that is the
 * same for each request is kept. On the loop of the exchange.
 */
final class CodedBody implements BodyFilter {
    private static final int LEAST = 64;

    private final Exchange exchange;
    private final Compressor compressor;
    private final CompressionFilter.Tools tools;
    private final Encoder encoder;
    private final Optional<Variants> variants;
    private final ByteBuf copy;
    private long left;

    /**
     * Begins a body; its memory has been taken from the budget.
     *
     * @param length of the body, -1 if it is not known
     * @param variants where the coded body is kept
     */
    CodedBody(Exchange exchange, Compressor compressor, long length, CompressionFilter.Tools tools,
              Optional<Variants> variants) {
        this.exchange = exchange;
        this.compressor = compressor;
        this.tools = tools;
        this.variants = variants;
        this.left = length;
        boolean good = false;
        try {
            encoder = compressor.coding().open(compressor.liveLevel(), length, tools.deflaters());
            good = true;
        } finally {
            if (!good) {
                giveBack();
            }
        }
        copy = variants.isPresent() ? Unpooled.buffer((int) Math.min(length, 1 << 12)) : Unpooled.EMPTY_BUFFER;
    }

    private void giveBack() {
        tools.budget().give(compressor.coding().memory(compressor.liveLevel()));
    }

    @Override
    public void write(ByteBuf data, boolean last, BodySink out) {
        ByteBuf part = data;
        if (left >= 0) {
            // What an application sends beyond its own Content-Length is no part of the response.
            part = data.slice(data.readerIndex(), (int) Math.min(left, data.readableBytes()));
            left -= part.readableBytes();
            if (last && left > 0) {
                // The client is told no length, by which it could see that there is less.
                exchange.abort();
                return;
            }
        }
        if (!last && !part.isReadable()) {
            return;
        }
        if (compressor.isSlow() && variants.isPresent()) {
            copy.writeBytes(part, part.readerIndex(), part.readableBytes());
        }
        ByteBuf coded = PooledByteBufAllocator.DEFAULT.directBuffer(Math.max(LEAST, part.readableBytes() / 2));
        boolean good = false;
        try {
            encoder.code(part, last, coded);
            good = true;
        } finally {
            if (!good) {
                coded.release();
            }
        }
        if (variants.isPresent()) {
            keep(variants.get(), coded, last);
        }
        out.write(coded, last);
    }

    private void keep(Variants kept, ByteBuf coded, boolean last) {
        if (!compressor.isSlow()) {
            copy.writeBytes(coded, coded.readerIndex(), coded.readableBytes());
        }
        if (last) {
            byte[] all = new byte[copy.readableBytes()];
            copy.readBytes(all);
            if (compressor.isSlow()) {
                tools.recoder().code(all, compressor, kept);
            } else {
                kept.keep(compressor.name(), all);
            }
        }
    }

    @Override
    public void close() {
        encoder.close();
        giveBack();
    }
}

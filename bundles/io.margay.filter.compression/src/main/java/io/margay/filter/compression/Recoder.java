// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.compression;

import io.margay.http.Variants;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Codes bodies that are kept with levels that are too slow for loops: one thread, while there is work. What finds no
 * room in its queue is coded at another request. For any thread.
 */
final class Recoder implements AutoCloseable {
    private static final int QUEUE = 32;
    private static final int IDLE_SECONDS = 5;

    private final Set<Object> waiting = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor executor = new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(QUEUE), work -> {
            Thread thread = new Thread(work, "compression");
            thread.setDaemon(true);
            return thread;
        }, new ThreadPoolExecutor.DiscardPolicy());

    Recoder() {
        executor.allowCoreThreadTimeOut(true);
    }

    /** Codes and keeps a body, some time. */
    void code(byte[] body, Compressor compressor, Variants variants) {
        if (executor.getQueue().remainingCapacity() == 0 || !waiting.add(variants)) {
            return;
        }
        executor.execute(() -> {
            try {
                if (variants.get(compressor.name()).isEmpty()) {
                    variants.keep(compressor.name(), coded(body, compressor));
                }
            } finally {
                waiting.remove(variants);
            }
        });
    }

    private static byte[] coded(byte[] body, Compressor compressor) {
        // Nothing of zlib comes here: none of its levels is too slow.
        ByteBuf out = UnpooledByteBufAllocator.DEFAULT.directBuffer(body.length / 2 + 64);
        ByteBuf in = Unpooled.wrappedBuffer(body);
        try (Deflaters none = new Deflaters();
             Encoder encoder = compressor.coding().open(compressor.level(), body.length, none)) {
            encoder.code(in, true, out);
            byte[] coded = new byte[out.readableBytes()];
            out.readBytes(coded);
            return coded;
        } finally {
            out.release();
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
        try {
            // Native code must not run when its library goes.
            executor.awaitTermination(IDLE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.compression;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.Deflater;

/** Deflaters that wait for the next body: a new one clears a quarter of a megabyte first. For any thread. */
final class Deflaters implements AutoCloseable {
    /** Of each kind. */
    private static final int MOST = 16;

    private record Kind(Coding coding, int level) {
    }

    private final Map<Kind, BlockingQueue<Deflater>> waiting = new ConcurrentHashMap<>();
    private volatile boolean closed;

    Deflater take(Coding coding, int level) {
        return Optional.ofNullable(queue(coding, level).poll()).orElseGet(() ->
            new Deflater(level, coding == Coding.GZIP));
    }

    /** Takes one back, which nobody uses any more. */
    void give(Coding coding, int level, Deflater deflater) {
        deflater.reset();
        if (!queue(coding, level).offer(deflater)) {
            deflater.end();
        } else if (closed) {
            close();
        }
    }

    private BlockingQueue<Deflater> queue(Coding coding, int level) {
        return waiting.computeIfAbsent(new Kind(coding, level), kind -> new ArrayBlockingQueue<>(MOST));
    }

    @Override
    public void close() {
        closed = true;
        for (BlockingQueue<Deflater> queue : waiting.values()) {
            for (Deflater deflater = queue.poll(); deflater != null; deflater = queue.poll()) {
                deflater.end();
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.http.Answer;
import io.margay.posix.FileStatus;
import io.netty.util.AsciiString;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Small files that were served lately, each with the status that it had. Who takes one compares that status with the
 * present one, so a changed file is never served. Bounded; emptied when full. Safe for all loops.
 */
final class FileCache {

    /**
     * A file as it was.
     *
     * @param status what the kernel said
     * @param answer the whole response
     */
    record Entry(FileStatus status, Answer answer) {
    }

    /** A file changed so shortly ago may change again without another time stamp, seconds. */
    private static final int SETTLED = 2;
    private static final int OVERHEAD = 512;

    private final ConcurrentHashMap<AsciiString, Entry> entries = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final long most;

    /** Creates a cache of {@code most} bytes. */
    FileCache(long most) {
        this.most = most;
    }

    Optional<Entry> get(AsciiString path) {
        return Optional.ofNullable(entries.get(path));
    }

    void put(AsciiString path, Entry entry, long nowSeconds) {
        if (nowSeconds - entry.status().modifiedSeconds() < SETTLED) {
            return;
        }
        long size = entry.answer().body().length + OVERHEAD + (long) path.length();
        if (bytes.addAndGet(size) > most) {
            entries.clear();
            bytes.set(size);
        }
        entries.put(new AsciiString(path.array(), path.arrayOffset(), path.length(), true), entry);
    }

    void remove(AsciiString path) {
        // The byte count stays too high: the cache is emptied a little earlier.
        entries.remove(path);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * What was found good is remembered for a while, and what is asked for several times at once is checked once. Both are
 * bounded. Safe for all threads.
 *
 * @param <V> what is known of who was found good
 */
final class Verified<V> {
    private record Entry<V>(V value, long since) {
    }

    private final ConcurrentHashMap<AsciiString, Entry<V>> known = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<AsciiString, CompletableFuture<Optional<V>>> pending = new ConcurrentHashMap<>();
    private final int most;
    private final long nanos;

    /**
     * Nothing is known.
     *
     * @param most entries
     * @param nanos for which they are good
     */
    Verified(int most, long nanos) {
        this.most = most;
        this.nanos = nanos;
    }

    /** What is known of a key at a time, as of {@link System#nanoTime()}. */
    Optional<V> known(AsciiString key, long now) {
        Entry<V> entry = known.get(key);
        return entry != null && now - entry.since < nanos ? Optional.of(entry.value) : Optional.empty();
    }

    /**
     * Checks a key that is not known.
     *
     * @param work gives a value if it is good; run on the executor
     * @return completes on any thread; fails if too much is waiting, or as the work does
     */
    CompletableFuture<Optional<V>> check(AsciiString key, Executor executor, Callable<Optional<V>> work) {
        CompletableFuture<Optional<V>> mine = new CompletableFuture<>();
        CompletableFuture<Optional<V>> before = pending.putIfAbsent(key, mine);
        if (before != null) {
            return before;
        }
        try {
            executor.execute(() -> run(key, work, mine));
        } catch (RejectedExecutionException e) {
            pending.remove(key);
            mine.completeExceptionally(e);
        }
        return mine;
    }

    private void run(AsciiString key, Callable<Optional<V>> work, CompletableFuture<Optional<V>> mine) {
        Optional<V> result = Optional.empty();
        Throwable failure = null;
        try {
            result = work.call();
            result.ifPresent(value -> keep(key, value, System.nanoTime()));
        } catch (Exception | LinkageError | StackOverflowError e) {
            failure = e;
        }
        // Who comes later finds it among those that are known.
        pending.remove(key);
        if (failure == null) {
            mine.complete(result);
        } else {
            mine.completeExceptionally(failure);
        }
    }

    private void keep(AsciiString key, V value, long now) {
        if (known.size() >= most) {
            known.values().removeIf(entry -> now - entry.since >= nanos);
        }
        for (Iterator<AsciiString> some = known.keySet().iterator(); known.size() >= most && some.hasNext();) {
            some.next();
            some.remove();
        }
        known.put(key, new Entry<>(value, now));
    }

    int size() {
        return known.size();
    }
}

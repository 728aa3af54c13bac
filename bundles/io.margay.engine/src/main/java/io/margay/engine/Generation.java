// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the work that uses one state of something replaceable (a configuration, an application, a certificate), so
 * that the state is released when the last of it has left. Safe for all threads.
 */
public final class Generation implements Drainable {
    private final AtomicLong inside = new AtomicLong();
    private final CompletableFuture<Void> empty = new CompletableFuture<>();
    private volatile boolean retired;

    /**
     * Enters; each success needs one {@link #leave()}.
     *
     * @return false when it is retired: take the next generation
     */
    public boolean enter() {
        // Count in first, then test the gate. The other order would let retire() see zero between the two, and
        // release what this caller is about to use.
        inside.incrementAndGet();
        if (retired) {
            leave();
            return false;
        }
        return true;
    }

    /** Leaves. */
    public void leave() {
        long left = inside.decrementAndGet();
        if (left < 0) {
            inside.incrementAndGet();
            throw new IllegalStateException("left a generation more often than entered");
        }
        if (left == 0 && retired) {
            empty.complete(null);
        }
    }

    /** Closes the gate; the stage completes once, when all who entered have left, maybe at once in this thread. */
    public CompletionStage<Void> retire() {
        retired = true;
        if (inside.get() == 0) {
            empty.complete(null);
        }
        return empty.minimalCompletionStage();
    }

    /** Whether the gate is closed. */
    public boolean isRetired() {
        return retired;
    }

    /** How many are inside at this moment, for status pages. */
    public long count() {
        return inside.get();
    }

    @Override
    public CompletionStage<Void> drain() {
        return retire();
    }
}

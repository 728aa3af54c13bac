// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * What is so with a server now, and what it has done: outlives changes of the configuration that leave its upstream.
 * Moments are those of {@link System#nanoTime}. Safe for all threads.
 */
final class UpstreamServerState {
    private static final int CLASSES = 6;

    private final AtomicInteger active = new AtomicInteger();
    private final AtomicInteger fails = new AtomicInteger();
    private final LongAdder requests = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder[] statuses = new LongAdder[CLASSES];
    private volatile long failedAt;
    private volatile boolean failed;
    private volatile boolean drained;
    private volatile boolean unhealthy;
    private volatile long risenAt;
    private volatile boolean rising;

    UpstreamServerState() {
        for (int i = 0; i < CLASSES; i++) {
            statuses[i] = new LongAdder();
        }
    }

    /** Requests that it has now. */
    int active() {
        return active.get();
    }

    long requests() {
        return requests.sum();
    }

    long failures() {
        return failures.sum();
    }

    /** Answers with a status of 100 times {@code hundreds} and up. */
    long answers(int hundreds) {
        return statuses[hundreds].sum();
    }

    void begins() {
        active.incrementAndGet();
        requests.increment();
    }

    void ends() {
        active.decrementAndGet();
    }

    void answered(int status) {
        statuses[Math.clamp(status / 100, 0, CLASSES - 1)].increment();
        if (failed || fails.get() != 0) {
            fails.set(0);
            rises(System.nanoTime(), failed);
            failed = false;
        }
    }

    /** It took no connection, or gave no answer. */
    void fails(UpstreamServerOptions options, long now) {
        failures.increment();
        if (options.maxFails() == 0) {
            return;
        }
        int seen = now - failedAt > options.failNanos() && !failed ? reset() : fails.incrementAndGet();
        failedAt = now;
        if (seen >= options.maxFails()) {
            failed = true;
        }
    }

    private int reset() {
        fails.set(1);
        return 1;
    }

    /** Whether it has failed so often that others are better; after a while it is tried again. */
    boolean isFailed(UpstreamServerOptions options, long now) {
        return failed && now - failedAt < options.failNanos();
    }

    /** Whether it is to get no new requests, by the word of an operator. */
    boolean isDrained() {
        return drained;
    }

    void drained(boolean on, long now) {
        rises(now, drained && !on);
        drained = on;
    }

    /** Whether checks have found it unfit. */
    boolean isUnhealthy() {
        return unhealthy;
    }

    void unhealthy(boolean on, long now) {
        rises(now, unhealthy && !on);
        unhealthy = on;
    }

    private void rises(long now, boolean really) {
        if (really) {
            risenAt = now;
            rising = true;
        }
    }

    /** What of its share it takes after it was away: from nearly nothing to 1. */
    double part(long slowNanos, long now) {
        if (!rising) {
            return 1;
        }
        long since = now - risenAt;
        if (since >= slowNanos) {
            rising = false;
            return 1;
        }
        return Math.max(0.01, (double) since / slowNanos);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import java.util.function.LongSupplier;

/**
 * How long to wait before a dead process is started again: not at all the first time, then ever longer up to a cap, and
 * from the beginning once a process has lived long enough. Unit restarts at once and without limit, which spins when
 * the process cannot live; this never does.
 */
public final class Backoff {

    /** First delay after the immediate restart. */
    public static final long FIRST_MILLIS = 100;
    /** Longest delay: 30 seconds. */
    public static final long CAP_MILLIS = 30_000;
    /** Time alive after which the next restart is immediate again: one minute. */
    public static final long STABLE_MILLIS = 60_000;

    private final LongSupplier clock;
    private final long first;
    private final long cap;
    private final long stable;
    private long startedAt;
    private boolean alive;
    private long next;

    /**
     * With the usual times.
     *
     * @param clock monotonic time in milliseconds
     */
    public Backoff(LongSupplier clock) {
        this(clock, FIRST_MILLIS, CAP_MILLIS, STABLE_MILLIS);
    }

    /**
     * With other times, all in milliseconds.
     *
     * @param clock monotonic time
     * @param first delay of the second restart, at least 1
     * @param cap longest delay
     * @param stable time alive after which counting begins anew
     */
    public Backoff(LongSupplier clock, long first, long cap, long stable) {
        if (first < 1 || cap < first) {
            throw new IllegalArgumentException("delays from " + first + " to " + cap);
        }
        this.clock = clock;
        this.first = first;
        this.cap = cap;
        this.stable = stable;
    }

    /** A process was started. */
    public void started() {
        startedAt = clock.getAsLong();
        alive = true;
    }

    /**
     * The process has died, or its start failed.
     *
     * @return milliseconds until the next start
     */
    public long died() {
        if (alive && clock.getAsLong() - startedAt >= stable) {
            next = 0;
        }
        alive = false;
        long delay = next;
        next = Math.min(cap, Math.max(first, next * 2));
        return delay;
    }
}

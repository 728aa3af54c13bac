// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

/**
 * How long to wait before a dead process is started again: not at all when it has served, and ever longer up to a cap
 * while processes fail before they serve. Unit restarts at once and without limit, which spins when the process cannot
 * live; this never does.
 */
public final class Backoff {

    /** Delay after the first process that failed before it served. */
    public static final long FIRST_MILLIS = 100;
    /** Longest delay: 5 seconds. */
    public static final long CAP_MILLIS = 5_000;

    private final long first;
    private final long cap;
    private long next;

    /** With the usual times. */
    public Backoff() {
        this(FIRST_MILLIS, CAP_MILLIS);
    }

    /**
     * With other times, in milliseconds.
     *
     * @param first delay after the first failure, at least 1
     * @param cap longest delay
     */
    public Backoff(long first, long cap) {
        if (first < 1 || cap < first) {
            throw new IllegalArgumentException("delays from " + first + " to " + cap);
        }
        this.first = first;
        this.cap = cap;
        this.next = first;
    }

    /**
     * A process has died, or its start failed.
     *
     * @param served whether it had served
     * @return milliseconds until the next start
     */
    public long died(boolean served) {
        if (served) {
            next = first;
            return 0;
        }
        long delay = next;
        next = Math.min(cap, next * 2);
        return delay;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

/**
 * Whether bytes come, or go, as fast as they have to: so many a second on average since a begin, of which the first
 * seconds do not count, as every connection has to find its speed. One loop.
 */
final class Rate {
    /** Time in which nothing needs to have moved. */
    static final int GRACE_SECONDS = 5;

    private static final long GRACE = GRACE_SECONDS * 1_000_000_000L;
    private static final double SECOND = 1e9;

    private long begin;
    private long first;

    /** Begins at a time of the loop's clock, when {@code bytes} have moved already. */
    void begin(long now, long bytes) {
        begin = now;
        first = bytes;
    }

    /** Whether it has been too slow until {@code now}; never if {@code least}, bytes a second, is 0. */
    boolean isBelow(int least, long now, long bytes) {
        long time = now - begin - GRACE;
        return least > 0 && time > 0 && bytes - first < least * (time / SECOND);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How often which duration was met: microseconds in buckets of which eight cover a doubling, so that a bound is at most
 * an eighth above what it stands for. One thread adds, without a lock or an allocation; all may read, and see figures
 * that differ by an instant.
 */
final class Histogram {

    /** Halves of halves of halves of a doubling. */
    private static final int PARTS = 8;
    private static final int PARTS_LOG = 3;
    /** What is longer counts as this: more than four minutes. */
    private static final long LONGEST = (1L << 28) - 1;
    /** How many buckets there are. */
    static final int SIZE = index(LONGEST) + 1;

    /** The buckets, and behind them the sum of all durations. */
    private final AtomicLongArray counts = new AtomicLongArray(SIZE + 1);

    /** Adds a duration, in nanoseconds; what is negative counts as nothing. On the thread that owns this. */
    void add(long nanos) {
        long micros = Math.clamp(nanos / 1000, 0, LONGEST);
        more(index(micros), 1);
        more(SIZE, micros);
    }

    // One writer: a release store is enough and costs no fence.
    private void more(int index, long delta) {
        counts.setRelease(index, counts.getPlain(index) + delta);
    }

    /** {@return microseconds of all together} */
    long sum() {
        return counts.getAcquire(SIZE);
    }

    /** Adds what is in here to counts of the same buckets. */
    void addTo(long[] all) {
        for (int i = 0; i < SIZE; i++) {
            all[i] += counts.getAcquire(i);
        }
    }

    private static int index(long micros) {
        if (micros < 2 * PARTS) {
            return (int) micros;
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(micros) - PARTS_LOG;
        return (shift << PARTS_LOG) + (int) (micros >>> shift);
    }

    /** {@return the longest duration of a bucket, microseconds} */
    static long bound(int index) {
        if (index < 2 * PARTS) {
            return index;
        }
        int shift = (index >> PARTS_LOG) - 1;
        return ((long) (index % PARTS + PARTS + 1) << shift) - 1;
    }
}

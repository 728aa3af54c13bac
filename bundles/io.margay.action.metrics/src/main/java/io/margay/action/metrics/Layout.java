// SPDX-License-Identifier: Apache-2.0
package io.margay.action.metrics;

/** Where the counters of one subject stand in an array. */
final class Layout {
    /** Upper bounds of durations, microseconds; what is longer has a bucket of its own. */
    private static final long[] BOUNDS = {100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000,
        500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000};
    /** Number of buckets. */
    static final int BUCKETS = BOUNDS.length + 1;
    /** Responses by the first digit of their status; at 0 those without one. */
    static final int CLASSES = 0;
    /** How many classes there are. */
    static final int CLASS_COUNT = 6;
    /** Bytes of bodies sent. */
    static final int BYTES = CLASS_COUNT;
    /** Exchanges whose client has left, or whose response was cut. */
    static final int ABORTED = BYTES + 1;
    /** Buckets of durations, and behind them their sum in microseconds. */
    static final int DURATION = ABORTED + 1;
    /** The same of the time until a worker has taken a request. */
    static final int QUEUE = DURATION + BUCKETS + 1;
    /** Size of an array. */
    static final int SIZE = QUEUE + BUCKETS + 1;

    private Layout() {
    }

    /** The bucket of a duration in microseconds. */
    static int bucket(long micros) {
        int bucket = 0;
        while (bucket < BOUNDS.length && micros > BOUNDS[bucket]) {
            bucket++;
        }
        return bucket;
    }

    /** The upper bound of a bucket in microseconds; not for the last one. */
    static long bound(int bucket) {
        return BOUNDS[bucket];
    }
}

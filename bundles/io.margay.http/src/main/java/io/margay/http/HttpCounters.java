// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counters of the client connections of one loop (spec/app-dispatch.md §10). Written by the loop only, read anywhere:
 * numbers read together may differ by an instant.
 */
public final class HttpCounters {

    /**
     * Sums of several loops.
     *
     * @param accepted connections accepted
     * @param idle connections that wait for the first byte of a request
     * @param closed connections closed
     * @param requests requests whose first byte was received
     */
    public record Totals(long accepted, long idle, long closed, long requests) {
        /** Nothing counted. */
        public static final Totals ZERO = new Totals(0, 0, 0, 0);

        /** Connections that work on a request. */
        public long active() {
            return Math.max(0, accepted - closed - idle);
        }

        /** The sums of both. */
        public Totals plus(Totals other) {
            return new Totals(accepted + other.accepted, idle + other.idle, closed + other.closed,
                requests + other.requests);
        }
    }

    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong idle = new AtomicLong();
    private final AtomicLong closed = new AtomicLong();
    private final AtomicLong requests = new AtomicLong();

    HttpCounters() {
    }

    /** The numbers of this loop now. */
    public Totals totals() {
        return new Totals(accepted.get(), idle.get(), closed.get(), requests.get());
    }

    // One writer each: a release store is enough and costs no fence.
    private static void add(AtomicLong counter, int delta) {
        counter.lazySet(counter.getPlain() + delta);
    }

    void opened() {
        add(accepted, 1);
    }

    /** What was counted as closed, and then as another one, is one and the same. */
    void sameAgain() {
        add(closed, -1);
        add(accepted, -1);
    }

    void rests(int more) {
        add(idle, more);
    }

    /** A request has begun; on the loop. */
    public void request() {
        add(requests, 1);
    }

    /** What was counted, and is about to be counted once more, is one and the same request; on the loop. */
    public void sameRequest() {
        add(requests, -1);
    }

    void ended() {
        add(closed, 1);
    }
}

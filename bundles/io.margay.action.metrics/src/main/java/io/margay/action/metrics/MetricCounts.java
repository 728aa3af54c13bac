// SPDX-License-Identifier: Apache-2.0
package io.margay.action.metrics;

import io.margay.http.Exchange;
import io.margay.http.Timings;
import java.util.concurrent.atomic.AtomicLongArray;

/** What one loop has counted under one name. Its loop adds, without lock or fence; all may read. */
final class MetricCounts {
    private static final int SWITCHING = 101;
    private static final long NANOS = 1000;

    private final AtomicLongArray counts = new AtomicLongArray(Layout.SIZE);

    /**
     * Counts an exchange at its end.
     *
     * @param now by the clock of its timings; exact, since what is answered within one turn of the loop takes time, too
     */
    void add(Exchange exchange, boolean complete, long now) {
        Timings timings = exchange.timings();
        count(exchange);
        if (!complete) {
            more(Layout.ABORTED, 1);
            return;
        }
        // A WebSocket lasts for as long as its client likes.
        if (exchange.status() != SWITCHING && timings.has(Timings.Stage.REQUEST)) {
            duration(Layout.DURATION, now - timings.at(Timings.Stage.REQUEST));
        }
        if (timings.has(Timings.Stage.QUEUE)) {
            duration(Layout.QUEUE, (timings.has(Timings.Stage.WORKER) ? timings.at(Timings.Stage.WORKER) : now)
                - timings.at(Timings.Stage.QUEUE));
        }
    }

    /** Counts one that was refused, which has no durations. */
    void count(Exchange exchange) {
        int digit = exchange.status() / 100;
        more(Layout.CLASSES + (digit < Layout.CLASS_COUNT ? digit : 0), 1);
        more(Layout.BYTES, exchange.bodyBytesSent());
    }

    private void duration(int place, long nanos) {
        long micros = Math.max(0, nanos / NANOS);
        more(place + Layout.bucket(micros), 1);
        more(place + Layout.BUCKETS, micros);
    }

    // One writer: a release store is enough and costs no fence.
    private void more(int index, long delta) {
        counts.setRelease(index, counts.getPlain(index) + delta);
    }

    /** Adds all of it to sums of the same layout. */
    void addTo(long[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += counts.getAcquire(i);
        }
    }
}

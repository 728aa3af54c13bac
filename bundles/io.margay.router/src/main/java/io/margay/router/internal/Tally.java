// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.http.Exchange;
import io.margay.http.Timings;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one loop has seen of one listener, route step or application, or of all. Its loop adds; all may read. What has
 * no queue has no histogram of one.
 */
final class Tally {

    private static final int FAILURE = 500;
    private static final int SWITCHING = 101;

    private final Histogram latency = new Histogram();
    // Not volatile, as a store would cost a fence: a reader may miss the first durations for a moment, and sees whole
    // ones, whose only field is final.
    private Histogram queue;
    private Histogram worker;
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong errors = new AtomicLong();
    private final AtomicLong aborted = new AtomicLong();

    /**
     * Counts an exchange at its end.
     *
     * @param now by the clock of its timings
     */
    void add(Exchange exchange, boolean complete, long now) {
        Timings timings = exchange.timings();
        count(requests);
        if (exchange.status() >= FAILURE) {
            count(errors);
        }
        if (!complete) {
            count(aborted);
            return;
        }
        if (exchange.status() == SWITCHING) {
            // A WebSocket lasts for as long as its client likes.
            return;
        }
        latency.add(now - timings.at(Timings.Stage.REQUEST));
        if (timings.has(Timings.Stage.QUEUE)) {
            boolean taken = timings.has(Timings.Stage.WORKER);
            queue = add(queue, (taken ? timings.at(Timings.Stage.WORKER) : now) - timings.at(Timings.Stage.QUEUE));
            if (taken) {
                worker = add(worker, now - timings.at(Timings.Stage.WORKER));
            }
        }
    }

    // One writer: a release store is enough and costs no fence.
    private static void count(AtomicLong counter) {
        counter.lazySet(counter.getPlain() + 1);
    }

    private static Histogram add(Histogram known, long nanos) {
        Histogram histogram = known == null ? new Histogram() : known;
        histogram.add(nanos);
        return histogram;
    }

    /** Adds all of it to the figures of several loops. */
    void addTo(Figures figures) {
        figures.requests += requests.get();
        figures.errors += errors.get();
        figures.aborted += aborted.get();
        figures.latency.add(latency);
        figures.queue.add(queue);
        figures.worker.add(worker);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.http.Exchange;
import io.margay.http.ExchangeProbe;
import io.margay.http.Timings;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Counts what one loop serves, by listener, route step and application. Its loop adds; all may read. Once each name
 * was met, nothing is allocated.
 */
final class TrafficProbe implements ExchangeProbe {

    /** Names of one kind, and the tallies of one loop. */
    static final class Kind {
        private final Map<String, Tally> tallies = new ConcurrentHashMap<>();
        private final int most;
        private final AtomicLong leftOut = new AtomicLong();

        Kind(int most) {
            this.most = most;
        }

        private void add(String name, Exchange exchange, boolean complete, long now) {
            if (name.isEmpty()) {
                return;
            }
            Tally tally = tallies.get(name);
            if (tally == null) {
                if (tallies.size() >= most) {
                    leftOut.lazySet(leftOut.getPlain() + 1);
                    return;
                }
                tally = new Tally();
                tallies.put(name, tally);
            }
            tally.add(exchange, complete, now);
        }

        /** What was met. */
        Map<String, Tally> tallies() {
            return tallies;
        }

        /** Requests that could not be counted by name, since there were too many names. */
        long leftOut() {
            return leftOut.get();
        }
    }

    /**
     * What belongs to one configuration.
     *
     * @param listeners by address
     * @param routes by the pointers of their actions
     * @param applications by name
     */
    record Parts(Kind listeners, Kind routes, Kind applications) {
    }

    private final LongSupplier clock;
    private final Tally all = new Tally();
    private final int most;
    private volatile Parts parts;

    /**
     * Nothing is counted yet.
     *
     * @param most names of each kind; each has a histogram or three
     * @param clock as that of timings, but exact: what is answered within one turn of the loop has taken time, too
     */
    TrafficProbe(int most, LongSupplier clock) {
        this.clock = clock;
        this.most = most;
        forget();
    }

    /** Another configuration is in force, by which the names may mean something else; on the control loop. */
    void forget() {
        parts = new Parts(new Kind(most), new Kind(most), new Kind(most));
    }

    @Override
    public void done(Exchange exchange, boolean complete) {
        long now = clock.getAsLong();
        Timings timings = exchange.timings();
        all.add(exchange, complete, now);
        Parts named = parts;
        named.listeners.add(timings.listener(), exchange, complete, now);
        named.routes.add(timings.route(), exchange, complete, now);
        named.applications.add(timings.application(), exchange, complete, now);
    }

    Tally all() {
        return all;
    }

    Parts parts() {
        return parts;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.metrics;

import io.margay.http.Exchange;
import io.margay.http.ExchangeProbe;
import io.margay.http.Timings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what one loop serves. The loop adds; all may read. Once a name was met, nothing is allocated. */
final class LoopMeter implements ExchangeProbe {
    /** Names of one kind that are counted; names of a configuration may come and go without end. */
    static final int MOST = 1000;

    private static final MetricKind[] KINDS = MetricKind.values();

    private final List<Map<String, MetricCounts>> kinds = new ArrayList<>();
    private final AtomicLong leftOut = new AtomicLong();

    LoopMeter() {
        for (int i = 0; i < KINDS.length; i++) {
            kinds.add(new ConcurrentHashMap<>());
        }
    }

    @Override
    public void done(Exchange exchange, boolean complete) {
        long now = System.nanoTime();
        Timings timings = exchange.timings();
        for (int i = 0; i < KINDS.length; i++) {
            String name = KINDS[i].of(timings);
            MetricCounts subject = name.isEmpty() ? null : subject(i, name);
            if (subject != null) {
                subject.add(exchange, complete, now);
            }
        }
    }

    @Override
    public void refused(Exchange exchange) {
        MetricCounts listener = subject(MetricKind.LISTENER.ordinal(), exchange.timings().listener());
        if (listener != null) {
            listener.count(exchange);
        }
    }

    /** Null when there are too many names. */
    private MetricCounts subject(int kind, String name) {
        Map<String, MetricCounts> named = kinds.get(kind);
        MetricCounts known = named.get(name);
        if (known == null) {
            if (named.size() >= MOST) {
                leftOut.lazySet(leftOut.getPlain() + 1);
                return null;
            }
            known = new MetricCounts();
            named.put(name, known);
        }
        return known;
    }

    /** What was met of a kind; names may be removed, and begin anew if they are met again. */
    Map<String, MetricCounts> named(MetricKind kind) {
        return kinds.get(kind.ordinal());
    }

    /** Requests that were not counted under one of their names. */
    long leftOut() {
        return leftOut.get();
    }
}

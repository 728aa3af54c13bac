// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * How long requests took, as the router's inspector {@code traffic} counts it. Immutable.
 *
 * @param failed requests that ended with a status of 500 and more
 * @param counts of requests by the longest duration of their bucket, microseconds
 */
record LatencyWindow(long failed, NavigableMap<Long, Long> counts) {
    /** Nothing was counted. */
    static final LatencyWindow NONE = new LatencyWindow(0, new TreeMap<>());

    /** {@return what {@code /control/inspect/router/traffic/all} says; nothing when it says nothing} */
    static LatencyWindow of(ConfObject told) {
        NavigableMap<Long, Long> counts = new TreeMap<>();
        told.object("latency").flatMap(latency -> latency.object("buckets")).orElse(ConfObject.EMPTY).members()
            .forEach((bound, count) -> {
                if (bound.matches("[0-9]{1,15}") && count instanceof ConfNumber) {
                    counts.put(Long.parseLong(bound), ConfObject.builder().put("n", count).build().integer("n", 0));
                }
            });
        return new LatencyWindow(told.integer("errors", 0), counts);
    }

    /** {@return what has come since an earlier look; all of it when the counters have begun anew meanwhile} */
    LatencyWindow since(LatencyWindow before) {
        NavigableMap<Long, Long> more = new TreeMap<>();
        for (var entry : counts.entrySet()) {
            long delta = entry.getValue() - before.counts.getOrDefault(entry.getKey(), 0L);
            if (delta < 0) {
                return this;
            }
            more.put(entry.getKey(), delta);
        }
        return failed < before.failed || !counts.keySet().containsAll(before.counts.keySet()) ? this
            : new LatencyWindow(failed - before.failed, more);
    }

    /** {@return microseconds within which so many thousandths of the requests ended; -1 when there were none} */
    long percentile(int thousandths) {
        long total = counts.values().stream().mapToLong(Long::longValue).sum();
        long wanted = Math.ceilDiv(total * thousandths, 1000);
        long seen = 0;
        for (var entry : counts.entrySet()) {
            seen += entry.getValue();
            if (total > 0 && seen >= wanted) {
                return entry.getKey();
            }
        }
        return -1;
    }
}

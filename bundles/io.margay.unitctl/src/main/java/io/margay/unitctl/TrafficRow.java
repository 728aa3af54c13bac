// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a listener, route, application, or all together have served between two answers of the router's inspector
 * {@code traffic}.
 *
 * @param rate requests a second
 * @param spent how long they have taken together, microseconds
 * @param latency counts by the bounds of their buckets, microseconds, as the others
 */
record TrafficRow(String name, double rate, long requests, long errors, long aborted, long spent,
    TreeMap<Long, Long> latency, TreeMap<Long, Long> queue, TreeMap<Long, Long> worker) {

    /** {@return the difference} */
    static TrafficRow of(String name, ConfObject before, ConfObject now, double seconds) {
        long requests = more(before, now, "requests");
        return new TrafficRow(name, seconds > 0 ? requests / seconds : 0, requests, more(before, now, "errors"),
            more(before, now, "aborted"), more(part(before, "latency"), part(now, "latency"), "sum"),
            buckets(before, now, "latency"), buckets(before, now, "queue"), buckets(before, now, "worker"));
    }

    private static long more(ConfObject before, ConfObject now, String name) {
        return Math.max(0, now.integer(name, 0) - before.integer(name, 0));
    }

    private static ConfObject part(ConfObject figures, String name) {
        return figures.object(name).orElse(ConfObject.EMPTY);
    }

    private static TreeMap<Long, Long> buckets(ConfObject before, ConfObject now, String name) {
        TreeMap<Long, Long> counts = new TreeMap<>();
        ConfObject old = part(part(before, name), "buckets");
        ConfObject all = part(part(now, name), "buckets");
        for (String bound : all.members().keySet()) {
            long count = more(old, all, bound);
            if (count > 0 && bound.matches("[0-9]{1,18}")) {
                counts.put(Long.parseLong(bound), count);
            }
        }
        return counts;
    }

    /** {@return the bound that so many thousandths do not exceed, microseconds; -1 if there are none} */
    static long percentile(TreeMap<Long, Long> counts, int thousandths) {
        long total = counts.values().stream().mapToLong(Long::longValue).sum();
        long wanted = (total * thousandths + 999) / 1000;
        long seen = 0;
        for (Map.Entry<Long, Long> entry : counts.entrySet()) {
            seen += entry.getValue();
            if (seen >= wanted) {
                return entry.getKey();
            }
        }
        return -1;
    }

    /** {@return it as JSON; durations in microseconds} */
    ConfObject toConf() {
        ConfObject.Builder told = ConfObject.builder().put("requests", requests)
            .put("requests_per_second", new ConfNumber(String.format(Locale.ROOT, "%.1f", rate))).put("errors", errors)
            .put("aborted", aborted);
        put(told, "latency", latency);
        put(told, "queue", queue);
        put(told, "worker", worker);
        return told.build();
    }

    private static void put(ConfObject.Builder told, String name, TreeMap<Long, Long> counts) {
        if (!counts.isEmpty()) {
            told.put(name, ConfObject.builder().put("p50", percentile(counts, 500))
                .put("p99", percentile(counts, 990)).build());
        }
    }
}

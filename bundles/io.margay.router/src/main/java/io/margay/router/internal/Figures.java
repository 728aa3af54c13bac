// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfObject;

/** What all loops together have seen of one subject. Used by one thread, while somebody asks. */
final class Figures {

    /** Durations of all loops. */
    static final class Durations {
        private final long[] counts = new long[Histogram.SIZE];
        private long sum;

        void add(Histogram histogram) {
            if (histogram != null) {
                histogram.addTo(counts);
                sum += histogram.sum();
            }
        }

        /**
         * {@return the smallest bound that covers so much of them, microseconds; 0 if there are none}
         *
         * @param thousandths of all
         */
        long percentile(int thousandths) {
            long total = 0;
            for (long count : counts) {
                total += count;
            }
            long wanted = (total * thousandths + 999) / 1000;
            long seen = 0;
            for (int i = 0; i < counts.length; i++) {
                seen += counts[i];
                if (seen >= wanted && total > 0) {
                    return Histogram.bound(i);
                }
            }
            return 0;
        }

        boolean isEmpty() {
            return percentile(1000) == 0 && counts[0] == 0;
        }

        ConfObject toConf() {
            ConfObject.Builder buckets = ConfObject.builder();
            for (int i = 0; i < counts.length; i++) {
                if (counts[i] > 0) {
                    buckets.put(Long.toString(Histogram.bound(i)), counts[i]);
                }
            }
            return ConfObject.builder().put("p50", percentile(500)).put("p90", percentile(900))
                .put("p99", percentile(990)).put("sum", sum).put("buckets", buckets.build()).build();
        }
    }

    final Durations latency = new Durations();
    final Durations queue = new Durations();
    final Durations worker = new Durations();
    long requests;
    long errors;
    long aborted;

    /** {@return how long all its requests have taken, microseconds} */
    long spent() {
        return latency.sum;
    }

    ConfObject toConf() {
        ConfObject.Builder told = ConfObject.builder().put("requests", requests).put("errors", errors)
            .put("aborted", aborted).put("latency", latency.toConf());
        if (!queue.isEmpty()) {
            told.put("queue", queue.toConf()).put("worker", worker.toConf());
        }
        return told.build();
    }
}

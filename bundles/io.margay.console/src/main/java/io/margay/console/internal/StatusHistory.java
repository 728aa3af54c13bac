// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the server did in the last hour, a look every five seconds: charts are whole again after a page is loaded anew.
 * Some 80 KB. Thread-safe.
 */
final class StatusHistory implements Runnable {
    /** Between two looks. */
    static final int SECONDS = 5;
    /** One hour. */
    static final int SAMPLES = 720;
    /** What is looked at, in the order of the numbers of a sample. */
    static final List<String> NAMES = List.of("requests", "accepted", "active", "idle", "closed", "running",
        "starting", "memory", "errors", "failed", "p50", "p90", "p99");

    private final Supplier<ConfObject> status;
    private final Supplier<ConfObject> traffic;
    private final LongSupplier memory;
    private final LongSupplier millis;
    private final long[][] ring = new long[SAMPLES][];
    private final long[] times = new long[SAMPLES];
    private LatencyWindow window = LatencyWindow.NONE;
    private int next;
    private int size;

    /**
     * Watches.
     *
     * @param status asks the server
     * @param traffic asks the router how long requests took; empty when it does not say
     * @param memory bytes of all its processes
     * @param millis the time of day
     */
    StatusHistory(Supplier<ConfObject> status, Supplier<ConfObject> traffic, LongSupplier memory, LongSupplier millis) {
        this.status = status;
        this.traffic = traffic;
        this.memory = memory;
        this.millis = millis;
    }

    /** Looks once. A server that does not answer leaves a gap. */
    @Override
    public void run() {
        ConfObject now = status.get();
        if (now.has("error") || now.object("requests").isEmpty()) {
            return;
        }
        ConfObject connections = now.object("connections").orElse(ConfObject.EMPTY);
        long running = 0;
        long starting = 0;
        long errors = 0;
        for (Conf value : now.object("applications").orElse(ConfObject.EMPTY).members().values()) {
            ConfObject processes = ((ConfObject) value).object("processes").orElse(ConfObject.EMPTY);
            running += processes.integer("running", 0);
            starting += processes.integer("starting", 0);
            errors += ((ConfObject) value).has("error") ? 1 : 0;
        }
        LatencyWindow seen = LatencyWindow.of(traffic.get());
        LatencyWindow since = seen.since(window);
        window = seen;
        long[] sample = {now.object("requests").get().integer("total", 0), connections.integer("accepted", 0),
            connections.integer("active", 0), connections.integer("idle", 0), connections.integer("closed", 0),
            running, starting, memory.getAsLong(), errors, since.failed(),
            since.percentile(500), since.percentile(900), since.percentile(990)};
        add(millis.getAsLong(), sample);
    }

    private synchronized void add(long time, long... sample) {
        ring[next] = sample;
        times[next] = time;
        next = (next + 1) % SAMPLES;
        size = Math.min(size + 1, SAMPLES);
    }

    /** {@return the samples, the oldest first: an array of the time in milliseconds and the numbers} */
    synchronized ConfObject json() {
        List<Conf> all = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            int at = (next - size + i + SAMPLES) % SAMPLES;
            List<Conf> row = new ArrayList<>();
            row.add(Conf.of(times[at]));
            for (long number : ring[at]) {
                row.add(Conf.of(number));
            }
            all.add(new ConfArray(row));
        }
        return ConfObject.builder().put("seconds", SECONDS)
            .put("names", new ConfArray(NAMES.stream().<Conf>map(Conf::of).toList()))
            .put("samples", new ConfArray(all)).build();
    }
}

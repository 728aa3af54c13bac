// SPDX-License-Identifier: Apache-2.0
package io.margay.action.metrics;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.status.Inspectors;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Puts together what there is to tell. On the control thread. */
final class Report {
    private static final String[] CLASSES = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
    private static final String[] STATES = {"running", "starting", "idle", "leaving"};
    private static final long MILLI = 1000;

    private final Meter meter;
    private final Inspectors inspectors;

    Report(Meter meter, Inspectors inspectors) {
        this.meter = meter;
        this.inspectors = inspectors;
    }

    /**
     * All metrics.
     *
     * @param processes what the inspector {@code process} of other processes has shown, by their names
     */
    String text(Exposition.Format format, ConfObject processes) {
        Exposition out = new Exposition(format);
        connections(out, object("connections"));
        Sums sums = meter.sums();
        for (MetricKind kind : MetricKind.values()) {
            subjects(out, kind, sums.of(kind));
        }
        out.family("margay_metrics_left_out_total", "counter",
            "Requests that are missing under a name, since there were too many names.").sample(meter.leftOut());
        applications(out, object("applications"));
        ConfObject.Builder all = ConfObject.builder();
        processes.members().forEach(all::put);
        processes(out, all.put("router", object("process")).build());
        return out.end();
    }

    private ConfObject object(String inspector) {
        Optional<Conf> shown = inspectors.dump(inspector);
        return shown.filter(ConfObject.class::isInstance).map(ConfObject.class::cast).orElse(ConfObject.EMPTY);
    }

    private static void connections(Exposition out, ConfObject totals) {
        out.family("margay_connections", "gauge", "Client connections now.")
            .sample(totals.integer("active", 0), "state", "active").sample(totals.integer("idle", 0), "state", "idle");
        out.family("margay_connections_accepted_total", "counter", "Client connections accepted.")
            .sample(totals.integer("accepted", 0));
        out.family("margay_connections_closed_total", "counter", "Client connections closed.")
            .sample(totals.integer("closed", 0));
        out.family("margay_requests_total", "counter", "Requests whose first byte was received.")
            .sample(totals.integer("requests", 0));
    }

    private static void subjects(Exposition out, MetricKind kind, Map<String, long[]> named) {
        String word = kind.word();
        out.family("margay_" + word + "_requests_total", "counter", "Requests by the class of their status.");
        named.forEach((name, counts) -> {
            for (int i = 0; i < CLASSES.length; i++) {
                if (i > 1 || counts[Layout.CLASSES + i] > 0) {
                    out.sample(counts[Layout.CLASSES + i], word, name, "code", CLASSES[i]);
                }
            }
        });
        out.family("margay_" + word + "_aborted_total", "counter",
            "Requests whose client left or whose answer was cut.");
        named.forEach((name, counts) -> out.sample(counts[Layout.ABORTED], word, name));
        out.family("margay_" + word + "_sent_bytes_total", "counter", "Bytes sent behind the heads of responses.");
        named.forEach((name, counts) -> out.sample(counts[Layout.BYTES], word, name));
        out.family("margay_" + word + "_request_duration_seconds", "histogram",
            "Time from the whole request to the last byte of its response.");
        named.forEach((name, counts) -> out.histogram(counts, Layout.DURATION, word, name));
        if (kind == MetricKind.APPLICATION) {
            out.family("margay_application_queue_duration_seconds", "histogram",
                "Time until a worker has taken a request.");
            named.forEach((name, counts) -> out.histogram(counts, Layout.QUEUE, word, name));
        }
    }

    private static void applications(Exposition out, ConfObject pools) {
        out.family("margay_application_processes", "gauge", "Processes of an application.");
        each(pools, (name, pool) -> {
            for (String state : STATES) {
                out.sample(pool.integer(state, 0), "application", name, "state", state);
            }
        });
        out.family("margay_application_requests", "gauge", "Requests that wait or are worked on.");
        each(pools, (name, pool) -> out.sample(pool.integer("active", 0), "application", name));
        out.family("margay_application_failing", "gauge", "Whether workers do not start.");
        each(pools, (name, pool) -> out.sample(pool.bool("failing", false) ? 1 : 0, "application", name));
    }

    private static void processes(Exposition out, ConfObject all) {
        out.family("margay_process_start_time_seconds", "gauge", "When the process began, since 1970.");
        each(all, (name, one) -> out.seconds(one.integer("started", 0) * MILLI, "process", name));
        out.family("margay_process_cpu_seconds_total", "counter", "Processor time.");
        each(all, (name, one) -> out.seconds(one.integer("cpu", 0) * MILLI, "process", name));
        out.family("margay_process_resident_memory_bytes", "gauge", "Resident memory.");
        each(all, (name, one) -> out.sample(one.integer("resident", 0), "process", name));
        out.family("margay_process_open_descriptors", "gauge", "Open file descriptors.");
        each(all, (name, one) -> out.sample(one.integer("descriptors", 0), "process", name));
        out.family("margay_process_threads", "gauge", "Threads.");
        each(all, (name, one) -> out.sample(one.integer("threads", 0), "process", name));
    }

    private static void each(ConfObject all, BiConsumer<String, ConfObject> action) {
        all.members().forEach((name, value) -> {
            if (value instanceof ConfObject object) {
                action.accept(name, object);
            }
        });
    }
}

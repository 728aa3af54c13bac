// SPDX-License-Identifier: Apache-2.0
package io.margay.section.schedules;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import java.time.Instant;
import java.util.Optional;

/** What has become of one schedule: kept by its name while configurations and routers come and go. Control thread. */
final class History {
    private static final String LAST = "last";

    /** When a request was due last, milliseconds since 1970, whether it was made or not. */
    long due;
    /** When the next one will be made; 0 if none. */
    long next;
    /** Requests that have no answer yet. */
    int running;
    /** Whether one more is to follow. */
    boolean queued;
    private long runs;
    private long failures;
    private long skipped;
    private Optional<ConfObject> last = Optional.empty();

    void skip() {
        skipped++;
    }

    /**
     * A request has come to its end.
     *
     * @param result a word or two
     */
    void ended(long begin, long millis, int status, long bytes, String result, boolean good) {
        runs++;
        failures += good ? 0 : 1;
        last = Optional.of(ConfObject.builder().put("start", Instant.ofEpochMilli(begin).toString())
            .put("milliseconds", millis).put("status", status).put("bytes", bytes).put("result", result).build());
    }

    /** For people. */
    ConfObject toConf() {
        ConfObject.Builder told = ConfObject.builder().put("running", running).put("runs", runs)
            .put("failures", failures).put("skipped", skipped);
        last.ifPresent(run -> told.put(LAST, run));
        return next == 0 ? told.build() : told.put("next", Instant.ofEpochMilli(next).toString()).build();
    }

    /** For the next router. */
    ConfObject told() {
        ConfObject.Builder told = ConfObject.builder().put("due", due).put("runs", runs).put("failures", failures)
            .put("skipped", skipped);
        last.ifPresent(run -> told.put(LAST, run));
        return told.build();
    }

    /** What the router before has told; it may tell more of what it finishes. */
    void take(ConfObject told) {
        due = Math.max(due, told.integer("due", 0));
        runs = Math.max(runs, told.integer("runs", 0));
        failures = Math.max(failures, told.integer("failures", 0));
        skipped = Math.max(skipped, told.integer("skipped", 0));
        Optional<Conf> run = told.get(LAST);
        if (last.isEmpty() && run.isPresent() && run.get() instanceof ConfObject object) {
            last = Optional.of(object);
        }
    }
}

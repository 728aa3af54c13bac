// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import java.util.HashSet;
import java.util.Set;

/**
 * Ends workers that are to leave and do not: those of which nothing is heard for the grace time. One that answers, or
 * whose client is slow, may take as long as it needs. Home loop only.
 */
final class EndWatch {

    private static final long LOOKS = 4;
    private static final long SHORTEST = 20;
    private static final long LONGEST = 1000;
    private static final long NANOS = 1_000_000;
    private static final long MILLIS = 1000;

    private final AppPool pool;
    private final Set<Worker> watched = new HashSet<>();

    EndWatch(AppPool pool) {
        this.pool = pool;
    }

    /** Watches a worker until it is gone. */
    void watch(Worker worker, long graceMillis) {
        if (watched.add(worker)) {
            look(worker, graceMillis, worker.progress(), System.nanoTime());
        }
    }

    private void look(Worker worker, long graceMillis, long before, long since) {
        if (worker.state == Worker.State.GONE) {
            watched.remove(worker);
            return;
        }
        long progress = worker.progress();
        long now = System.nanoTime();
        boolean waited = worker.state == Worker.State.LEAVING || worker.running() > 0;
        long heard = progress == before && waited ? since : now;
        if (now - heard >= graceMillis * NANOS) {
            heard = now;
            if (worker.state != Worker.State.STARTING) {
                pool.log().warn("app process " + worker.pid() + " of \"" + pool.spec().title() + "\" is killed: it "
                    + "was to leave and has done nothing for " + (graceMillis < MILLIS ? graceMillis + " ms"
                    : graceMillis / MILLIS + " s"));
                // Clients whose WebSockets it held are told why.
                pool.onAllLoops(loop -> loop.goAway(worker), () -> {
                    if (worker.state != Worker.State.GONE) {
                        worker.kill();
                    }
                });
            }
        }
        long last = heard;
        pool.home().schedule(Math.max(SHORTEST, Math.min(LONGEST, graceMillis / LOOKS)),
            () -> look(worker, graceMillis, progress, last));
    }
}

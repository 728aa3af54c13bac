// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Stops workers that are idle for too long ({@code spec/app-dispatch.md §4}). Whether one is idle is seen in its slots,
 * which are looked at now and then. Home loop only.
 */
final class IdleReaper {

    private static final long LOOKS = 4;
    private static final long SHORTEST = 50;
    private static final long LONGEST = 1000;
    private static final long NANOS = 1_000_000;

    private final AppPool pool;
    private final ProcessControl control;
    private final int spare;
    private final long idleMillis;
    private boolean armed;

    IdleReaper(AppPool pool, ProcessControl control) {
        this.pool = pool;
        this.control = control;
        this.spare = pool.spec().spareProcesses();
        this.idleMillis = pool.spec().idleMillis();
    }

    /** Looks from now on, as long as there are workers that may be too many. */
    void arm() {
        if (!armed && pool.processes() > spare) {
            armed = true;
            pool.home().schedule(Math.max(SHORTEST, Math.min(LONGEST, idleMillis / LOOKS)), this::look);
        }
    }

    private void look() {
        armed = false;
        long now = System.nanoTime() | 1;
        List<WorkerLink> idle = new ArrayList<>();
        for (Channel channel : pool.channels()) {
            for (WorkerLink worker : channel.workers.values()) {
                if (!worker.leaving && worker.look(now)) {
                    idle.add(worker);
                }
            }
        }
        idle.sort(Comparator.comparingLong(worker -> worker.idleSince == 0 ? 0 : worker.idleSince - now));
        int surplus = idle.size() - spare;
        for (WorkerLink worker : idle) {
            if (surplus > 0 && worker.idleSince != 0 && now - worker.idleSince >= idleMillis * NANOS) {
                surplus--;
                worker.leaving = true;
                pool.count(worker, -1);
                worker.channel.prototype.ifPresent(prototype -> control.quitWorker(prototype, worker.pid));
            }
        }
        arm();
    }
}

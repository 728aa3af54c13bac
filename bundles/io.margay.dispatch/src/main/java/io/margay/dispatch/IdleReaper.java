// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Stops workers that are idle for too long, the one that is idle for longest first, and keeps as many as {@code spare}
 * wants ({@code spec/app-dispatch.md §4}). Whether one is idle is looked at now and then. Home loop only.
 */
final class IdleReaper {

    private static final long LOOKS = 8;
    private static final long SHORTEST = 50;
    private static final long LONGEST = 500;
    private static final long NANOS = 1_000_000;

    private final AppPool pool;
    private final int spare;
    private final long idleMillis;
    private boolean armed;
    private boolean paused;

    IdleReaper(AppPool pool) {
        this.pool = pool;
        this.spare = pool.spec().spareProcesses();
        this.idleMillis = pool.spec().idleMillis();
    }

    /** Looks from now on, as long as there are workers that may be too many. */
    void arm() {
        if (!armed && !paused && pool.staff().processes() > spare) {
            armed = true;
            pool.home().schedule(Math.max(SHORTEST, Math.min(LONGEST, idleMillis / LOOKS)), this::look);
        }
    }

    /** Stops nobody while it pauses. */
    void pause(boolean now) {
        paused = now;
        arm();
    }

    private void look() {
        armed = false;
        if (paused) {
            return;
        }
        long now = System.nanoTime() | 1;
        List<Worker> idle = new ArrayList<>();
        for (Worker worker : pool.staff().serving()) {
            if (worker.isIdle(now)) {
                idle.add(worker);
            }
        }
        idle.sort(Comparator.comparingLong(worker -> worker.idleSince == 0 ? 0 : worker.idleSince - now));
        int surplus = idle.size() - spare;
        for (Worker worker : idle) {
            if (surplus > 0 && worker.idleSince != 0 && now - worker.idleSince >= idleMillis * NANOS) {
                surplus--;
                pool.staff().dismiss(worker, true);
            }
        }
        // A spare worker that became busy since the last look is replaced though no request came after it.
        pool.evaluate();
        arm();
    }
}

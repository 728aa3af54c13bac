// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.dispatch.Jobs;
import java.util.HashMap;
import java.util.Map;

/**
 * Finds requests that a process took out of the queue and could not say so, because it died in between
 * ({@code spec/app-dispatch.md §7}, lost requests). Nobody can see who took one; but a living process says so at once,
 * or after one question, so one of which nothing was heard at several looks over about a second is lost.
 */
final class LostRequests {

    private static final int LOOKS = 8;
    private static final long FIRST_MILLIS = 20;
    private static final long LONGEST_MILLIS = 500;

    private final LibunitGeneration generation;
    private final Jobs jobs;
    private final LibunitLane lane;
    private final Map<Flight, Integer> looks = new HashMap<>();
    private long pause = FIRST_MILLIS;

    private LostRequests(LibunitGeneration generation, Jobs jobs, LibunitLane lane) {
        this.generation = generation;
        this.jobs = jobs;
        this.lane = lane;
    }

    /** A process died: watches the requests that it may have taken. Runs on the loop. */
    static void begin(LibunitGeneration generation, Jobs jobs, LibunitLane lane) {
        LostRequests check = new LostRequests(generation, jobs, lane);
        lane.forEach(flight -> {
            if (lane.isQueued(flight)) {
                check.looks.put(flight, 0);
            }
        });
        check.next();
    }

    private void next() {
        if (!looks.isEmpty()) {
            jobs.engine().schedule(pause, this::look);
        }
    }

    private void look() {
        looks.entrySet().removeIf(look -> {
            Flight flight = look.getKey();
            if (!lane.isQueued(flight) || flight.job.isDone()) {
                return true;
            }
            look.setValue(generation.hasLeft(flight.position()) ? look.getValue() + 1 : 0);
            if (look.getValue() < LOOKS) {
                return false;
            }
            // It stays known: should a process say after all that it has it, that is no lie.
            flight.job.fail();
            return true;
        });
        // Requests that are still queued are looked at again, ever less often.
        pause = Math.min(LONGEST_MILLIS, pause + pause / 2);
        next();
    }
}

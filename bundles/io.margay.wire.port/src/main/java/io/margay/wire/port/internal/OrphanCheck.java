// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import io.margay.dispatch.Job;
import io.margay.dispatch.Jobs;
import io.margay.posix.Descriptors;
import io.margay.posix.PosixException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Finds requests that a worker took and could not note in its slot, because it died in between
 * ({@code spec/app-dispatch.md §7}, lost requests). Such a request is out of the socket, since that is empty or a later
 * request was taken, and in no slot. Both must hold at several looks over about a second, because a living worker may
 * be between the two steps: at the end of a system call the kernel likes to give the processor to another process.
 */
final class OrphanCheck {

    private static final int LOOKS = 8;
    private static final long FIRST_MILLIS = 20;
    /** Threads of a worker wait for each other before they can note what they took. */
    private static final long THREAD_MILLIS = 10;
    private static final long LONGEST_MILLIS = 500;

    private final PortGeneration generation;
    private final Jobs jobs;
    private final PortLane lane;
    private final Map<Integer, Integer> looks = new HashMap<>();
    /** What each loop had sent when this one first looked; all that is watched was sent before. */
    private Optional<long[]> sent = Optional.empty();
    private long pause;

    private OrphanCheck(PortGeneration generation, Jobs jobs, PortLane lane) {
        this.generation = generation;
        this.jobs = jobs;
        this.lane = lane;
        this.pause = Math.min(LONGEST_MILLIS,
            FIRST_MILLIS + THREAD_MILLIS * (generation.context().app().threads() - 1));
    }

    /** A worker died: watches the requests that it may have taken. Runs on the loop. */
    static void begin(PortGeneration generation, Jobs jobs, PortLane lane) {
        OrphanCheck check = new OrphanCheck(generation, jobs, lane);
        jobs.forEach(job -> {
            if (job.link() == lane) {
                check.looks.put(job.id(), 0);
            }
        });
        check.next();
    }

    private void next() {
        if (!looks.isEmpty()) {
            jobs.engine().schedule(pause, this::look);
        }
    }

    private boolean isQueueEmpty() {
        try {
            return Descriptors.unsent(generation.request()) == 0;
        } catch (PosixException e) {
            // The home loop has closed the generation meanwhile.
            return true;
        }
    }

    /** Whether a request was taken that any loop has sent later: the socket keeps the order of all. */
    private boolean isPassed() {
        if (sent.isEmpty()) {
            sent = Optional.of(loops().mapToLong(i -> generation.lanes(i).lastSent()).toArray());
            return false;
        }
        return loops().anyMatch(i -> generation.lanes(i).lastTaken() > sent.get()[i]);
    }

    private IntStream loops() {
        return IntStream.range(0, generation.context().loops().size());
    }

    private void look() {
        Set<Integer> noted = new HashSet<>();
        boolean closed = !generation.slots().isOpen();
        if (!closed) {
            generation.look(jobs.index(), (id, worker) -> noted.add(id));
        }
        boolean empty = closed || isQueueEmpty();
        boolean passed = isPassed();
        looks.entrySet().removeIf(look -> {
            Optional<Job> found = jobs.find(look.getKey()).filter(job -> job.link() == lane);
            if (found.isEmpty() || noted.contains(look.getKey())) {
                return true;
            }
            boolean taken = empty || passed;
            look.setValue(taken ? look.getValue() + 1 : 0);
            if (look.getValue() < LOOKS) {
                return false;
            }
            found.get().fail();
            return true;
        });
        // Requests that are still queued are looked at again, ever less often.
        pause = Math.min(LONGEST_MILLIS, pause + pause / 2);
        next();
    }
}

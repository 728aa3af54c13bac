// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;

/**
 * When workers that pull have taken the requests of one loop. They say so no sooner than they answer, but take what
 * waits in its order, as soon as they have room: so that can be reckoned. Done for exchanges that somebody looks at, on
 * their loop.
 */
final class Reckoning {

    private final BooleanSupplier room;
    private final ArrayDeque<Job> waiting = new ArrayDeque<>();
    /** Written by this loop only. */
    private volatile int size;

    /**
     * Nothing waits yet.
     *
     * @param room whether the workers have room for more than what is reckoned to be with them
     */
    Reckoning(BooleanSupplier room) {
        this.room = room;
    }

    /** A request has gone to the workers. */
    void add(Job job) {
        waiting.add(job);
        size = waiting.size();
        settle();
    }

    /** How many are reckoned to wait; any thread. */
    int size() {
        return size;
    }

    /** Something has ended, or begun. */
    void settle() {
        for (Job job = waiting.peek(); job != null; job = waiting.peek()) {
            if (!job.isDone() && !room.getAsBoolean()) {
                return;
            }
            waiting.remove();
            size = waiting.size();
            job.reckonedTaken();
        }
    }
}

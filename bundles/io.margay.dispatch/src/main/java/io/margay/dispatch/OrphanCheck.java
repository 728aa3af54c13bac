// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.posix.Descriptors;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

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

    private final AppPool pool;
    private final PoolLoop loop;
    private final Map<Integer, Integer> looks = new HashMap<>();
    private long pause;

    private OrphanCheck(AppPool pool, PoolLoop loop) {
        this.pool = pool;
        this.loop = loop;
        this.pause = Math.min(LONGEST_MILLIS, FIRST_MILLIS + THREAD_MILLIS * (pool.spec().threads() - 1));
    }

    /** A worker died: watches the requests that it may have taken. Runs on the loop. */
    static void begin(AppPool pool, PoolLoop loop) {
        OrphanCheck check = new OrphanCheck(pool, loop);
        loop.table().forEach(entry -> {
            if (entry.reply == null && !entry.pending) {
                check.looks.put(entry.stream, 0);
            }
        });
        check.next();
    }

    private void next() {
        if (!looks.isEmpty()) {
            loop.engine().schedule(pause, this::look);
        }
    }

    private void look() {
        if (!pool.isMoving()) {
            Set<Integer> noted = noted();
            boolean empty = isQueueEmpty();
            looks.entrySet().removeIf(look -> {
                Outstanding entry = loop.find(look.getKey());
                if (entry == null || entry.reply != null || entry.pending || noted.contains(entry.stream)) {
                    return true;
                }
                boolean taken = empty || loop.overtaken(entry);
                look.setValue(taken ? look.getValue() + 1 : 0);
                if (look.getValue() < LOOKS) {
                    return false;
                }
                loop.fail(entry);
                return true;
            });
        }
        // Requests that are still queued are looked at again, ever less often.
        pause = Math.min(LONGEST_MILLIS, pause + pause / 2);
        next();
    }

    private Set<Integer> noted() {
        Set<Integer> noted = new HashSet<>();
        for (Channel channel : pool.channels()) {
            for (int slot = channel.slots.high() - 1; slot >= 0; slot--) {
                if (channel.slots.loop(slot) == loop.index()) {
                    noted.add(channel.slots.stream(slot));
                }
            }
        }
        return noted;
    }

    private boolean isQueueEmpty() {
        for (Channel channel : pool.channels()) {
            if (Descriptors.unsent(channel.request()) > 0) {
                return false;
            }
        }
        return true;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.control.events;

import io.margay.conf.ConfObject;
import io.margay.control.ServerEvents;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * The last events. Numbers begin with the time in milliseconds, so that those of another run of the process are
 * smaller, and a client that comes back after it has missed nothing of this one. Safe for all threads.
 */
@Component(service = {ServerEvents.class, EventRing.class})
public final class EventRing implements ServerEvents {
    /** How many are kept. */
    static final int SIZE = 1000;

    private final ArrayDeque<Event> events = new ArrayDeque<>();
    private long last = System.currentTimeMillis();
    private Runnable changed = () -> { };

    /** An event, with its number, time, type, what has happened and what that is about. */
    record Event(long id, String type, ConfObject value) {
    }

    /** Empty. */
    @Activate
    public EventRing() {
        // It fills by itself.
    }

    /** Sets who is told, on any thread, that there is more. */
    synchronized void whenChanged(Runnable action) {
        changed = action;
    }

    @Override
    public long publish(String type, String what, ConfObject about, long cause) {
        Runnable action;
        long id;
        synchronized (this) {
            id = ++last;
            ConfObject.Builder value = ConfObject.builder().put("id", id).put("time", Instant.now().toString())
                .put("type", type).put("what", what);
            if (cause > 0) {
                value.put("cause", cause);
            }
            about.members().forEach(value::put);
            events.addLast(new Event(id, type, value.build()));
            if (events.size() > SIZE) {
                events.removeFirst();
            }
            action = changed;
        }
        action.run();
        return id;
    }

    /** The number of the newest event, or one that is smaller than those of all to come. */
    synchronized long newest() {
        return last;
    }

    /** Whether an event behind this one may not be kept any more; also when it is of another run. */
    synchronized boolean hasLost(long id) {
        return id < last - events.size() || id > last;
    }

    /** The number before that of the oldest event that is kept. */
    synchronized long beginning() {
        return last - events.size();
    }

    /** The first event behind this one. */
    synchronized Optional<Event> after(long id) {
        if (id >= last) {
            return Optional.empty();
        }
        return events.stream().skip(Math.max(0, id - (last - events.size()))).findFirst();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Slows down who guesses passwords, and nobody else: after a few wrong ones each further try of the same client must
 * wait, twice as long each time. A try that comes too early is refused without a look at its password, so that a
 * thousand of them cost no more than a thousand refusals. Thread-safe.
 */
final class LoginThrottle {
    /** Tries that are free. */
    static final int FREE = 3;

    private static final int CLIENTS = 1000;
    private static final long FIRST_NANOS = 1_000_000_000L;
    private static final int DOUBLINGS = 5;
    private static final long FORGET_NANOS = 3_600_000_000_000L;

    private static final class Record {
        private int wrong;
        private long last;
        private long until;
    }

    private final LongSupplier clock;
    private final Map<String, Record> clients = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Record> eldest) {
            return size() > CLIENTS;
        }
    };

    /** Counts by a clock of nanoseconds. */
    LoginThrottle(LongSupplier clock) {
        this.clock = clock;
    }

    /** {@return the seconds that this client must wait, rounded up; 0 when it may try} */
    synchronized long waits(String client) {
        Record record = clients.get(client);
        if (record == null) {
            return 0;
        }
        long now = clock.getAsLong();
        if (now - record.last > FORGET_NANOS) {
            clients.remove(client);
            return 0;
        }
        return Math.max(0, Math.ceilDiv(record.until - now, 1_000_000_000L));
    }

    /** {@return how many wrong passwords this client has sent, with this one} The next must wait when they are many. */
    synchronized int wrong(String client) {
        Record record = clients.computeIfAbsent(client, name -> new Record());
        record.wrong++;
        record.last = clock.getAsLong();
        record.until = record.wrong < FREE ? record.last
            : record.last + (FIRST_NANOS << Math.min(record.wrong - FREE, DOUBLINGS));
        return record.wrong;
    }

    /** The client knew the password. */
    synchronized void right(String client) {
        clients.remove(client);
    }
}

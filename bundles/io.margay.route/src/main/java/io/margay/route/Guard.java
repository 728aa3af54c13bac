// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.log.ErrorLog;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Tells what an extension does wrong, with the name of its bundle, at most once a second. Safe for all threads. */
final class Guard {
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

    private final Extensions.Entry<?> entry;
    private final ErrorLog log;
    private final AtomicLong next = new AtomicLong(System.nanoTime());

    Guard(Extensions.Entry<?> entry, ErrorLog log) {
        this.entry = entry;
        this.log = log;
    }

    String name() {
        return entry.name();
    }

    void report(String what) {
        long now = System.nanoTime();
        long due = next.get();
        if (now - due >= 0 && next.compareAndSet(due, now + PAUSE)) {
            report(entry, log, what);
        }
    }

    static void report(Extensions.Entry<?> entry, ErrorLog log, String what) {
        log.alert("\"" + entry.name() + "\" of the bundle " + entry.origin().bundle() + " " + what);
    }
}

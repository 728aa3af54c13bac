// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Lets one line a second through, for faults that each request may have. Safe for all threads. */
final class Throttle {
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

    private final AtomicLong next = new AtomicLong(System.nanoTime());

    boolean passes() {
        long now = System.nanoTime();
        long due = next.get();
        return now - due >= 0 && next.compareAndSet(due, now + PAUSE);
    }
}

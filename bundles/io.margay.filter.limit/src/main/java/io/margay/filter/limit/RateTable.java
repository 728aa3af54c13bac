// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.limit;

import io.netty.util.AsciiString;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * How fast each key is, for all loops at once, in one number a key: the time at which its requests would be used up if
 * they came evenly (the generic cell rate algorithm). Safe for all threads, without locks where the key is known.
 */
final class RateTable {
    /** Keys that are remembered. */
    static final int MOST = 32_768;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final ConcurrentHashMap<AsciiString, AtomicLong> due = new ConcurrentHashMap<>();
    private final long interval;
    private final long tolerance;
    private final int most;
    /** Shared by all keys for which there is no room. */
    private final AtomicLong overflow = new AtomicLong(Long.MIN_VALUE);
    private final AtomicLong swept = new AtomicLong(Long.MIN_VALUE);

    /**
     * Creates an empty table.
     *
     * @param rate requests a second
     * @param burst requests above the rate
     * @param most keys
     */
    RateTable(double rate, long burst, int most) {
        this.interval = Math.max(1, (long) (SECOND / rate));
        this.tolerance = Math.multiplyExact(interval, burst);
        this.most = most;
    }

    /**
     * Takes a request of a loop. Its time stands still during a turn, while other loops go on with theirs: none is
     * refused because of that.
     *
     * @param key may be a view
     * @param turn nanoseconds as of {@link System#nanoTime()}, when the turn of the loop began
     * @param clock tells what it is now
     * @return 0 if it may pass, otherwise in how many seconds, rounded up, one may
     */
    long take(AsciiString key, long turn, LongSupplier clock) {
        return take(key, turn) == 0 ? 0 : take(key, clock.getAsLong());
    }

    /**
     * Takes a request.
     *
     * @param key may be a view
     * @param now nanoseconds as of {@link System#nanoTime()}
     * @return 0 if it may pass, otherwise in how many seconds, rounded up, one may
     */
    long take(AsciiString key, long now) {
        AtomicLong cell = cell(Keys.shortened(key), now);
        while (true) {
            long before = cell.get();
            boolean late = before == Long.MIN_VALUE || before - now < 0;
            if (!late && before - now > tolerance) {
                return Math.max(1, (before - now - tolerance + SECOND - 1) / SECOND);
            }
            if (cell.compareAndSet(before, (late ? now : before) + interval)) {
                return 0;
            }
        }
    }

    private AtomicLong cell(AsciiString key, long now) {
        AtomicLong known = due.get(key);
        if (known != null) {
            return known;
        }
        if (due.size() >= most && !sweep(now)) {
            return overflow;
        }
        return due.computeIfAbsent(Keys.kept(key), fresh -> new AtomicLong(Long.MIN_VALUE));
    }

    /** Forgets those whose time is over, at most once a second; whether there is room now. */
    private boolean sweep(long now) {
        long last = swept.get();
        if ((last == Long.MIN_VALUE || now - last >= SECOND) && swept.compareAndSet(last, now)) {
            // One that is used by another loop just now forgets that one request.
            due.values().removeIf(cell -> cell.get() == Long.MIN_VALUE || cell.get() - now < 0);
        }
        return due.size() < most;
    }

    int size() {
        return due.size();
    }
}

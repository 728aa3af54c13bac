// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import java.util.function.LongSupplier;

/**
 * How much there may be of something that costs work and brings nothing, as frames of HTTP/2 do (RFC 9113 §10.5): so
 * many at once, and so many more in each second. On one thread.
 */
public final class Allowance {
    private static final long SECOND = 1_000_000_000L;

    private final int most;
    private final int perSecond;
    private final LongSupplier nanos;
    private int left;
    private long since;

    /**
     * Begins with all that may come at once.
     *
     * @param nanos the clock, which is only looked at when nothing is left
     */
    public Allowance(int most, int perSecond, LongSupplier nanos) {
        this.most = most;
        this.perSecond = perSecond;
        this.nanos = nanos;
        left = most;
        since = nanos.getAsLong();
    }

    /** {@return whether there was so much left} What was not there is owed. */
    public boolean take(int cost) {
        left -= cost;
        if (left < 0) {
            long seconds = (nanos.getAsLong() - since) / SECOND;
            since += seconds * SECOND;
            left = (int) Math.min(most, left + Math.min(seconds, most) * perSecond);
        }
        return left >= 0;
    }

    /** Ordinary work gives credit. */
    public void give(int more) {
        left = Math.min(most, left + more);
    }
}

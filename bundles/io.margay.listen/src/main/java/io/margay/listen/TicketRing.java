// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The keys of session tickets that belong to this process, where none are configured: a new one takes over twice a day,
 * and the one before it is good for tickets that clients have. Any thread.
 */
final class TicketRing {
    private static final long PERIOD = TimeUnit.HOURS.toNanos(12);
    private static final int KEPT = 2;

    private final LongSupplier clock;
    private final SecureRandom random = new SecureRandom();
    /** Keys, and when others come. */
    private volatile Turn turn;

    /**
     * Makes a first key.
     *
     * @param clock nanoseconds that only grow
     */
    TicketRing(LongSupplier clock) {
        this.clock = clock;
        turn = turned(List.of());
    }

    private record Turn(List<byte[]> keys, long end) {
    }

    private Turn turned(List<byte[]> before) {
        byte[] key = new byte[TicketKeys.SIZE];
        random.nextBytes(key);
        List<byte[]> keys = new ArrayList<>(before);
        keys.addFirst(key);
        return new Turn(List.copyOf(keys.subList(0, Math.min(KEPT, keys.size()))), clock.getAsLong() + PERIOD);
    }

    /** The keys of now, the one that encrypts first; the same list as long as they are the same. */
    List<byte[]> keys() {
        // Connections begin far more often than keys change.
        if (clock.getAsLong() - turn.end() >= 0) {
            synchronized (this) {
                if (clock.getAsLong() - turn.end() >= 0) {
                    turn = turned(turn.keys());
                }
            }
        }
        return turn.keys();
    }
}

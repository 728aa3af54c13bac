// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What is answered to those who ask for the proofs of orders that are under way. For any thread.
 *
 * @param <V> an answer
 */
final class Tokens<V> {
    static final int MOST = 1000;
    /** Longer than any order takes; who should have withdrawn a token may have died. */
    static final long LIFE_NANOS = TimeUnit.MINUTES.toNanos(30);

    private record Entry<V>(V answer, long end) {
    }

    private final Map<String, Entry<V>> entries = new ConcurrentHashMap<>();
    private final LongSupplier clock;

    /**
     * None.
     *
     * @param clock nanoseconds
     */
    Tokens(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * Sets the answer of a token, or forgets the token.
     *
     * @throws IllegalArgumentException if there are too many
     */
    void put(String token, Optional<V> answer) {
        long now = clock.getAsLong();
        entries.values().removeIf(entry -> entry.end() - now < 0);
        if (answer.isEmpty()) {
            entries.remove(token);
            return;
        }
        if (entries.size() >= MOST) {
            throw new IllegalArgumentException("there are too many tokens");
        }
        entries.put(token, new Entry<>(answer.get(), now + LIFE_NANOS));
    }

    /** What is answered to who asks for a token. */
    Optional<V> get(String token) {
        Entry<V> entry = entries.get(token);
        return entry == null || entry.end() - clock.getAsLong() < 0 ? Optional.empty() : Optional.of(entry.answer());
    }

    int size() {
        return entries.size();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/** The tokens of orders that are under way, and what is answered to those who ask for them. For any thread. */
final class Tokens {
    static final int MOST = 1000;
    /** Longer than any order takes; who should have withdrawn a token may have died. */
    static final long LIFE_NANOS = TimeUnit.MINUTES.toNanos(30);

    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{1,256}");
    private static final Pattern ANSWER = Pattern.compile("[A-Za-z0-9_.-]{1,512}");

    private record Entry(byte[] answer, long end) {
    }

    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
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
     * @throws IllegalArgumentException if either is malformed, or there are too many
     */
    void put(String token, Optional<String> answer) {
        long now = clock.getAsLong();
        entries.values().removeIf(entry -> entry.end() - now < 0);
        if (answer.isEmpty()) {
            entries.remove(token);
            return;
        }
        if (!TOKEN.matcher(token).matches() || !ANSWER.matcher(answer.get()).matches()) {
            throw new IllegalArgumentException("it is no token with its answer");
        }
        if (entries.size() >= MOST) {
            throw new IllegalArgumentException("there are too many tokens");
        }
        entries.put(token, new Entry(answer.get().getBytes(StandardCharsets.US_ASCII), now + LIFE_NANOS));
    }

    /** What is answered to who asks for a token. */
    Optional<byte[]> get(String token) {
        Entry entry = entries.get(token);
        return entry == null || entry.end() - clock.getAsLong() < 0 ? Optional.empty() : Optional.of(entry.answer());
    }

    int size() {
        return entries.size();
    }
}

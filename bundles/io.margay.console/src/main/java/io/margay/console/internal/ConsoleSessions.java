// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Who has logged in, by the secret in the cookie. Sessions end after half an hour of silence. Thread-safe. */
final class ConsoleSessions {
    private static final int BYTES = 32;
    private static final int MAX = 64;
    private static final long IDLE_NANOS = 1_800_000_000_000L;
    private static final long LIFE_NANOS = 43_200_000_000_000L;

    private static final class Session {
        private final ConsoleUser user;
        private final long begun;
        private long last;

        private Session(ConsoleUser user, long begun) {
            this.user = user;
            this.begun = begun;
            this.last = begun;
        }
    }

    private final SecureRandom random = new SecureRandom();
    private final LongSupplier clock;
    private final Map<String, Session> sessions = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Session> eldest) {
            return size() > MAX;
        }
    };

    /** Counts by a clock of nanoseconds. */
    ConsoleSessions(LongSupplier clock) {
        this.clock = clock;
    }

    /** {@return a secret that nobody can guess, fit for cookies and fields} */
    String secret() {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** {@return the secret of a new session} */
    synchronized String begin(String name, boolean writes) {
        String secret = secret();
        sessions.put(secret, new Session(new ConsoleUser(name, writes, secret(), false), clock.getAsLong()));
        return secret;
    }

    /** {@return whose session that is} */
    synchronized Optional<ConsoleUser> find(String secret) {
        Session session = sessions.get(secret);
        if (session == null) {
            return Optional.empty();
        }
        long now = clock.getAsLong();
        if (now - session.last > IDLE_NANOS || now - session.begun > LIFE_NANOS) {
            sessions.remove(secret);
            return Optional.empty();
        }
        session.last = now;
        return Optional.of(session.user);
    }

    synchronized void end(String secret) {
        sessions.remove(secret);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Passwords that were right a short while ago, so that a script, which sends its own with each request, does not cost a
 * slow comparison each time. Only a code of each is kept, under a key that nobody else has, and it holds for the hash
 * that it was compared with: a user who gets another password is compared anew. Thread-safe.
 */
final class ProvenLogins {
    private static final String MAC = "HmacSHA256";
    private static final int BYTES = 32;
    private static final int MAX = 64;
    private static final long LIFE_NANOS = 600_000_000_000L;

    private final SecretKeySpec key;
    private final LongSupplier clock;
    private final Map<String, Long> proven = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MAX;
        }
    };

    /** Counts by a clock of nanoseconds. */
    ProvenLogins(LongSupplier clock) {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        this.key = new SecretKeySpec(bytes, MAC);
        this.clock = clock;
    }

    /** {@return whether this password of this user was right less than ten minutes ago} */
    synchronized boolean holds(UserFile.Entry user, String password) {
        String code = code(user, password);
        Long since = proven.get(code);
        if (since == null || clock.getAsLong() - since > LIFE_NANOS) {
            proven.remove(code);
            return false;
        }
        return true;
    }

    /** It was right. */
    synchronized void add(UserFile.Entry user, String password) {
        proven.put(code(user, password), clock.getAsLong());
    }

    private String code(UserFile.Entry user, String password) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(key);
            mac.update((user.name() + "\0" + user.hash().text() + "\0").getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(mac.doFinal(password.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + MAC, e);
        }
    }
}

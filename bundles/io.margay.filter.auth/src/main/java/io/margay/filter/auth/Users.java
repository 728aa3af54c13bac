// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Users and the hashes of their passwords; immutable. Names are the bytes that clients send. */
final class Users {
    private static final int MOST = 100_000;

    private final Map<AsciiString, Password> all;
    /** Checked for names that are not known, so that these take as long. */
    private final Password other;

    /** Takes users; not to be changed any more, not empty. */
    Users(Map<AsciiString, Password> all) {
        this.all = all;
        this.other = all.values().iterator().next();
    }

    /**
     * Reads a file of {@code htpasswd}: lines {@code NAME:HASH}, perhaps with more behind a further colon.
     *
     * @throws IllegalArgumentException if it is none; the text names the line
     */
    static Users parse(byte[] file) {
        Map<AsciiString, Password> all = new LinkedHashMap<>();
        int number = 0;
        for (String line : new String(file, StandardCharsets.ISO_8859_1).split("\n")) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            String[] parts = text.split(":", 3);
            AsciiString name = new AsciiString(parts[0].getBytes(StandardCharsets.ISO_8859_1), false);
            if (parts.length < 2 || name.isEmpty() || !Injected.isValue(name)) {
                throw new IllegalArgumentException("line " + number + " is not NAME:HASH");
            }
            try {
                all.put(name, Password.of(parts[1]));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("the hash in line " + number + " " + e.getMessage());
            }
            if (all.size() > MOST) {
                throw new IllegalArgumentException("there are more than " + MOST + " users");
            }
        }
        if (all.isEmpty()) {
            throw new IllegalArgumentException("there is no user");
        }
        return new Users(all);
    }

    /** Whether somebody is who he says; takes as long as it takes. */
    Optional<AsciiString> check(AsciiString name, byte[] password) {
        Password known = all.get(name);
        boolean good = (known == null ? other : known).matches(password);
        return good && known != null ? Optional.of(name) : Optional.empty();
    }
}

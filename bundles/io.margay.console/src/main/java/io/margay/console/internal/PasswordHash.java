// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * A password that cannot be read back: {@code pbkdf2-sha256$ROUNDS$SALT$KEY}, the last two in Base64.
 *
 * @param rounds how often the function runs
 * @param salt random bytes
 * @param key what it makes of both
 */
record PasswordHash(int rounds, byte[] salt, byte[] key) {

    private static final String NAME = "pbkdf2-sha256";
    private static final int ROUNDS = 210_000;
    private static final int MAX_ROUNDS = 5_000_000;
    private static final int BYTES = 32;
    private static final int SALT = 16;
    private static final int PARTS = 4;
    private static final int MAX_PASSWORD = 256;

    /** Of a new password. */
    static PasswordHash of(String password) {
        byte[] salt = new byte[SALT];
        new SecureRandom().nextBytes(salt);
        return new PasswordHash(ROUNDS, salt, derive(password, salt, ROUNDS));
    }

    /** {@return a hash of no password at all, as slow to compare as any} */
    static PasswordHash none() {
        SecureRandom random = new SecureRandom();
        byte[] salt = new byte[SALT];
        byte[] key = new byte[BYTES];
        random.nextBytes(salt);
        random.nextBytes(key);
        return new PasswordHash(ROUNDS, salt, key);
    }

    /**
     * Reads the text form.
     *
     * @throws IllegalArgumentException when it is none
     */
    static PasswordHash parse(String text) {
        String[] parts = text.split("\\$");
        if (parts.length != PARTS || !parts[0].equals(NAME) || !parts[1].matches("[1-9][0-9]{3,6}")
                || Integer.parseInt(parts[1]) > MAX_ROUNDS) {
            throw new IllegalArgumentException("a hash has the form " + NAME + "$ROUNDS$SALT$KEY");
        }
        byte[] key = Base64.getDecoder().decode(parts[3]);
        if (key.length != BYTES) {
            throw new IllegalArgumentException("the key of a hash has " + BYTES + " bytes");
        }
        return new PasswordHash(Integer.parseInt(parts[1]), Base64.getDecoder().decode(parts[2]), key);
    }

    /** {@return the form that {@link #parse} reads} */
    String text() {
        Base64.Encoder encoder = Base64.getEncoder();
        return NAME + "$" + rounds + "$" + encoder.encodeToString(salt) + "$" + encoder.encodeToString(key);
    }

    /** {@return whether it is of this password} Takes some tenths of a second of a processor. */
    boolean fits(String password) {
        return password.length() <= MAX_PASSWORD && MessageDigest.isEqual(key, derive(password, salt, rounds));
    }

    private static byte[] derive(String password, byte[] salt, int rounds) {
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                .generateSecret(new PBEKeySpec(password.toCharArray(), salt, rounds, BYTES * Byte.SIZE)).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has PBKDF2WithHmacSHA256", e);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.netty.util.AsciiString;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/** Stands for a secret in memory: a SHA-256 that nobody can try texts against, since it begins with a random key. */
final class Digest {
    private static final int KEY = 32;

    private final byte[] key = new byte[KEY];

    Digest() {
        new SecureRandom().nextBytes(key);
    }

    /**
     * The digest of a text.
     *
     * @param number goes into it, so that equal texts of another number have another one
     */
    AsciiString of(long number, AsciiString text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(key);
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
            digest.update(text.array(), text.arrayOffset(), text.length());
            return new AsciiString(digest.digest(), false);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

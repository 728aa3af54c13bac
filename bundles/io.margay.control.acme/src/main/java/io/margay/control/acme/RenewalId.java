// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Optional;

/** How an authority is asked about a certificate: by its issuer's key and its serial number (RFC 9773 §4.1). */
final class RenewalId {
    private static final String AUTHORITY_KEY = "2.5.29.35";
    private static final int OCTETS = 0x04;
    private static final int SEQUENCE = 0x30;
    private static final int KEY = 0x80;
    private static final int LONG = 0x80;

    private RenewalId() {
    }

    /** That of a certificate; empty when it does not tell the issuer's key. */
    static Optional<String> of(X509Certificate leaf) {
        byte[] extension = leaf.getExtensionValue(AUTHORITY_KEY);
        return extension == null ? Optional.empty() : of(extension, leaf.getSerialNumber());
    }

    static Optional<String> of(byte[] extension, BigInteger serial) {
        try {
            ByteBuffer in = ByteBuffer.wrap(extension);
            if (enter(in, OCTETS) < 0 || enter(in, SEQUENCE) < 0) {
                return Optional.empty();
            }
            int size = enter(in, KEY);
            if (size <= 0) {
                return Optional.empty();
            }
            byte[] key = new byte[size];
            in.get(key);
            Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
            return Optional.of(base64.encodeToString(key) + '.' + base64.encodeToString(serial.toByteArray()));
        } catch (BufferUnderflowException e) {
            return Optional.empty();
        }
    }

    /** The length of a value of a kind, at whose content the buffer is then, and ends with it; -1 for another one. */
    private static int enter(ByteBuffer in, int tag) {
        if ((in.get() & 0xff) != tag) {
            return -1;
        }
        int size = in.get() & 0xff;
        if (size > LONG + 2) {
            return -1;
        }
        if (size >= LONG) {
            int digits = size - LONG;
            size = 0;
            for (int i = 0; i < digits; i++) {
                size = size << 8 | in.get() & 0xff;
            }
        }
        if (size > in.remaining()) {
            return -1;
        }
        in.limit(in.position() + size);
        return size;
    }
}

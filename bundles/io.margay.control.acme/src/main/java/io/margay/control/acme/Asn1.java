// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** Writes what of DER a certificate is made of (X.690). */
final class Asn1 {
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int LONG = 0x80;
    private static final int SEVEN_BITS = 0x7f;

    private Asn1() {
    }

    /** Any value: its tag, its length and the contents one after the other. */
    static byte[] value(int tag, byte[]... contents) {
        ByteArrayOutputStream inner = new ByteArrayOutputStream();
        for (byte[] content : contents) {
            inner.writeBytes(content);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        int size = inner.size();
        if (size < LONG) {
            out.write(size);
        } else {
            byte[] length = BigInteger.valueOf(size).toByteArray();
            int skip = length[0] == 0 ? 1 : 0;
            out.write(LONG | length.length - skip);
            out.write(length, skip, length.length - skip);
        }
        out.writeBytes(inner.toByteArray());
        return out.toByteArray();
    }

    static byte[] sequence(byte[]... contents) {
        return value(SEQUENCE, contents);
    }

    static byte[] set(byte[]... contents) {
        return value(SET, contents);
    }

    static byte[] integer(BigInteger number) {
        return value(0x02, number.toByteArray());
    }

    /** A string of whole bytes. */
    static byte[] bits(byte[] content) {
        return value(0x03, new byte[1], content);
    }

    static byte[] octets(byte[]... contents) {
        return value(0x04, contents);
    }

    static byte[] utf8(String text) {
        return value(0x0c, text.getBytes(StandardCharsets.UTF_8));
    }

    /** What a specification puts into brackets: a number, and a value around which that is written. */
    static byte[] explicit(int number, byte[]... contents) {
        return value(0xa0 | number, contents);
    }

    /** An object identifier in dotted form. */
    static byte[] oid(String dotted) {
        String[] parts = dotted.split("\\.");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(Integer.parseInt(parts[0]) * 40 + Integer.parseInt(parts[1]));
        for (int i = 2; i < parts.length; i++) {
            int arc = Integer.parseInt(parts[i]);
            for (int shift = 28; shift > 0; shift -= 7) {
                if (arc >>> shift != 0) {
                    out.write(LONG | arc >>> shift & SEVEN_BITS);
                }
            }
            out.write(arc & SEVEN_BITS);
        }
        return value(0x06, out.toByteArray());
    }
}

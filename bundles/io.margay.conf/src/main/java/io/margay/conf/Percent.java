// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.util.Arrays;
import java.util.Optional;

/** Percent sequences (RFC 3986 §2.1), for all who read them. */
public final class Percent {
    private static final byte[] DIGITS = new byte[128];

    static {
        Arrays.fill(DIGITS, (byte) -1);
        for (int i = 0; i < 10; i++) {
            DIGITS['0' + i] = (byte) i;
        }
        for (int i = 0; i < 6; i++) {
            DIGITS['a' + i] = (byte) (10 + i);
            DIGITS['A' + i] = (byte) (10 + i);
        }
    }

    private Percent() {
    }

    /** The value of a hexadecimal digit, or -1. */
    public static int hex(byte c) {
        return c < 0 ? -1 : DIGITS[c];
    }

    /** The byte that the sequence at a percent sign stands for, or -1 if it is broken or goes beyond {@code end}. */
    public static int at(byte[] text, int sign, int end) {
        if (sign + 2 >= end) {
            return -1;
        }
        int high = hex(text[sign + 1]);
        int low = hex(text[sign + 2]);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    /** The decoded text, {@code +} as a space if {@code plus}; empty when a sequence is broken. */
    public static Optional<String> decode(String text, boolean plus) {
        if (text.indexOf('%') < 0 && !(plus && text.indexOf('+') >= 0)) {
            return Optional.of(text);
        }
        byte[] bytes = ConfText.encode(text);
        int size = decode(bytes, 0, bytes.length, plus, false);
        return size < 0 ? Optional.empty() : Optional.of(ConfText.decode(bytes, 0, size));
    }

    /**
     * Decodes in place.
     *
     * @param plus whether {@code +} is a space
     * @param lenient whether a broken sequence stays as it is
     * @return the new end; -1 if a sequence is broken and that is not allowed
     */
    public static int decode(byte[] text, int start, int end, boolean plus, boolean lenient) {
        int out = start;
        for (int i = start; i < end; i++) {
            byte c = text[i];
            if (c == '%') {
                int value = at(text, i, end);
                if (value >= 0) {
                    c = (byte) value;
                    i += 2;
                } else if (!lenient) {
                    return -1;
                }
            } else if (plus && c == '+') {
                c = ' ';
            }
            text[out++] = c;
        }
        return out;
    }
}

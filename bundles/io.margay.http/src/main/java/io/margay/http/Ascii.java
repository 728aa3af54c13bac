// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.util.AsciiString;
import java.util.Arrays;

/** Bytes as HTTP understands them: letters without case, tokens, values, numbers. */
public final class Ascii {
    private static final byte[] HEX = new byte[256];
    private static final boolean[] TOKEN = new boolean[256];

    static {
        Arrays.fill(HEX, (byte) -1);
        for (int i = 0; i < 10; i++) {
            HEX['0' + i] = (byte) i;
            TOKEN['0' + i] = true;
        }
        for (int i = 0; i < 6; i++) {
            HEX['a' + i] = (byte) (10 + i);
            HEX['A' + i] = (byte) (10 + i);
        }
        for (int c = 'A'; c <= 'Z'; c++) {
            TOKEN[c] = true;
            TOKEN[c + 32] = true;
        }
        for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
            TOKEN[c] = true;
        }
    }

    private Ascii() {
    }

    /** The value of a hexadecimal digit, or -1. */
    public static int hex(byte c) {
        return HEX[c & 0xff];
    }

    /** Whether a byte may stand in the name of a field (RFC 9110 §5.6.2). */
    public static boolean isToken(byte c) {
        return TOKEN[c & 0xff];
    }

    /** Whether a byte may stand in the value of a field: a tab, or no control character of ASCII but DEL. */
    public static boolean isValue(byte c) {
        return c >= ' ' || c < 0 || c == '\t';
    }

    /** Folds an ASCII letter. */
    public static byte lower(byte c) {
        return c >= 'A' && c <= 'Z' ? (byte) (c + 32) : c;
    }

    /** A view without the spaces and tabs at both ends; the one of the library takes bytes above 0x7f for blanks. */
    public static AsciiString trim(AsciiString text) {
        int from = 0;
        int to = text.length();
        while (from < to && isBlank(text.byteAt(from))) {
            from++;
        }
        while (to > from && isBlank(text.byteAt(to - 1))) {
            to--;
        }
        return text.subSequence(from, to, false);
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t';
    }

    /** Whether two runs of bytes are equal when ASCII letter case is ignored. */
    public static boolean equalsIgnoreCase(byte[] a, int aStart, byte[] b, int bStart, int length) {
        for (int i = 0; i < length; i++) {
            byte x = a[aStart + i];
            byte y = b[bStart + i];
            if (x != y && lower(x) != lower(y)) {
                return false;
            }
        }
        return true;
    }

    /** Whether {@code a[start..end)} contains the word, letter case ignored. */
    public static boolean contains(byte[] a, int start, int end, byte[] word) {
        for (int i = start; i + word.length <= end; i++) {
            if (equalsIgnoreCase(a, i, word, 0, word.length)) {
                return true;
            }
        }
        return false;
    }

    /** The decimal number in {@code a[start..end)}, or -1 if it is none or does not fit. */
    public static long decimal(byte[] a, int start, int end) {
        long value = 0;
        for (int p = start; p < end; p++) {
            int digit = a[p] - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return start == end ? -1 : value;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Bytes as Java text without loss. Well-formed UTF-8 becomes what it says; each byte {@code 80}-{@code FF} that is
 * not part of a well-formed sequence becomes the lone surrogate {@code U+DC00 + byte}, which no well-formed UTF-8
 * yields, and goes back to that byte.
 */
public final class ConfText {

    private ConfText() {
    }

    /** Text of a range of bytes, {@code from} inclusive, {@code to} exclusive. */
    public static String decode(byte[] bytes, int from, int to) {
        int ascii = from;
        while (ascii < to && bytes[ascii] >= 0) {
            ascii++;
        }
        if (ascii == to) {
            return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
        }
        StringBuilder out = new StringBuilder(to - from);
        for (int i = from; i < to;) {
            int length = sequence(bytes, i, to);
            if (length == 0) {
                out.append((char) (0xDC00 + (bytes[i] & 0xFF)));
                i++;
            } else {
                out.appendCodePoint(codePoint(bytes, i, length));
                i += length;
            }
        }
        return out.toString();
    }

    /** Text of all bytes. */
    public static String decode(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }

    /** The bytes of a text; the inverse of {@link #decode(byte[])}. */
    public static byte[] encode(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return encodeSlowly(text);
            }
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] encodeSlowly(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length() + 16);
        for (int i = 0; i < text.length();) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            if (point >= 0xDC80 && point <= 0xDCFF) {
                out.write(point - 0xDC00);
            } else {
                out.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
            }
        }
        return out.toByteArray();
    }

    /** Number of characters in a range of bytes, or -1 when it is not well-formed UTF-8. */
    static int characters(byte[] bytes, int from, int to) {
        int count = 0;
        for (int i = from; i < to; count++) {
            int length = sequence(bytes, i, to);
            if (length == 0) {
                return -1;
            }
            i += length;
        }
        return count;
    }

    /** Length of the well-formed sequence that starts at {@code i}, or 0. */
    private static int sequence(byte[] bytes, int i, int to) {
        int first = bytes[i] & 0xFF;
        if (first < 0x80) {
            return 1;
        }
        int length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
        if (length == 0 || to - i < length) {
            return 0;
        }
        int second = bytes[i + 1] & 0xFF;
        // The second byte excludes overlong forms, surrogates and what lies beyond U+10FFFF.
        int low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        int high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        if (second < low || second > high) {
            return 0;
        }
        for (int k = 2; k < length; k++) {
            if ((bytes[i + k] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return length;
    }

    private static int codePoint(byte[] bytes, int i, int length) {
        if (length == 1) {
            return bytes[i];
        }
        int point = bytes[i] & (0xFF >> (length + 1));
        for (int k = 1; k < length; k++) {
            point = point << 6 | bytes[i + k] & 0x3F;
        }
        return point;
    }
}

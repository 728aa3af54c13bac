// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import java.nio.charset.StandardCharsets;

/** The request fields that the server itself understands (spec/http.md §5.2), by small numbers. */
final class KnownField {
    static final int OTHER = 0;
    static final int CONNECTION = 1;
    static final int HOST = 2;
    static final int CONTENT_LENGTH = 3;
    static final int TRANSFER_ENCODING = 4;
    static final int UPGRADE = 5;
    static final int WEBSOCKET_KEY = 6;
    static final int WEBSOCKET_VERSION = 7;
    static final int COOKIE = 8;
    static final int REFERER = 9;
    static final int USER_AGENT = 10;
    static final int CONTENT_TYPE = 11;
    static final int AUTHORIZATION = 12;

    private static final byte[][] NAMES = new byte[AUTHORIZATION + 1][];

    static {
        String[] names = {"", "connection", "host", "content-length", "transfer-encoding", "upgrade",
            "sec-websocket-key", "sec-websocket-version", "cookie", "referer", "user-agent", "content-type",
            "authorization"};
        for (int i = 0; i < names.length; i++) {
            NAMES[i] = names[i].getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    private KnownField() {
    }

    /** The number of the name {@code a[start..end)}. */
    static int of(byte[] a, int start, int end) {
        int candidate = switch (end - start) {
            case 4 -> HOST;
            case 6 -> COOKIE;
            case 7 -> (a[start] | 0x20) == 'u' ? UPGRADE : REFERER;
            case 10 -> (a[start] | 0x20) == 'c' ? CONNECTION : USER_AGENT;
            case 12 -> CONTENT_TYPE;
            case 13 -> AUTHORIZATION;
            case 14 -> CONTENT_LENGTH;
            case 17 -> (a[start] | 0x20) == 't' ? TRANSFER_ENCODING : WEBSOCKET_KEY;
            case 21 -> WEBSOCKET_VERSION;
            default -> OTHER;
        };
        if (candidate != OTHER && equalsIgnoreCase(a, start, NAMES[candidate], 0, end - start)) {
            return candidate;
        }
        return OTHER;
    }

    /** Whether two runs of bytes are equal when ASCII letter case is ignored. */
    static boolean equalsIgnoreCase(byte[] a, int aStart, byte[] b, int bStart, int length) {
        for (int i = 0; i < length; i++) {
            byte x = a[aStart + i];
            byte y = b[bStart + i];
            if (x != y && lower(x) != lower(y)) {
                return false;
            }
        }
        return true;
    }

    /** Folds an ASCII letter. */
    static byte lower(byte c) {
        return c >= 'A' && c <= 'Z' ? (byte) (c + 32) : c;
    }

    /** Whether {@code a[start..end)} contains the lower-case {@code word}, letter case ignored. */
    static boolean contains(byte[] a, int start, int end, byte[] word) {
        for (int i = start; i + word.length <= end; i++) {
            if (equalsIgnoreCase(a, i, word, 0, word.length)) {
                return true;
            }
        }
        return false;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Percent;
import io.netty.util.AsciiString;
import java.util.Arrays;

/** Percent-encoding of {@code Location} fields (spec/routing.md §5.2). */
public final class UriEncoding {
    private static final boolean[] UNSAFE = new boolean[256];
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'};

    static {
        Arrays.fill(UNSAFE, 0, 0x21, true);
        Arrays.fill(UNSAFE, 0x7f, 256, true);
        for (char c : "\"#%<>?\\^`{|}".toCharArray()) {
            UNSAFE[c] = true;
        }
    }

    private UriEncoding() {
    }

    /** Encodes a path: every unsafe byte, {@code ?}, {@code #} and {@code %} included. */
    public static AsciiString path(AsciiString path) {
        return encode(path, false);
    }

    /**
     * Encodes a whole URI. One that is encoded already stays as it is; otherwise every unsafe byte is encoded,
     * except the first {@code ?} before any {@code #}, and the first {@code #}.
     */
    public static AsciiString uri(AsciiString uri) {
        return isEncoded(uri) ? uri : encode(uri, true);
    }

    private static boolean isEncoded(AsciiString uri) {
        boolean query = false;
        boolean fragment = false;
        for (int i = 0; i < uri.length(); i++) {
            byte c = uri.byteAt(i);
            int at = uri.arrayOffset() + i;
            if (c == '%' && Percent.at(uri.array(), at, uri.arrayOffset() + uri.length()) >= 0) {
                continue;
            }
            if (c == '?' && !query && !fragment) {
                query = true;
            } else if (c == '#' && !fragment) {
                fragment = true;
            } else if (UNSAFE[c & 0xff]) {
                return false;
            }
        }
        return true;
    }

    private static AsciiString encode(AsciiString text, boolean structure) {
        byte[] out = new byte[3 * text.length()];
        int size = 0;
        boolean query = !structure;
        boolean fragment = !structure;
        for (int i = 0; i < text.length(); i++) {
            byte c = text.byteAt(i);
            boolean literal = !UNSAFE[c & 0xff];
            if (c == '?' && !query && !fragment) {
                query = true;
                literal = true;
            } else if (c == '#' && !fragment) {
                fragment = true;
                literal = true;
            }
            if (literal) {
                out[size++] = c;
            } else {
                out[size++] = '%';
                out[size++] = HEX[c >> 4 & 15];
                out[size++] = HEX[c & 15];
            }
        }
        return new AsciiString(out, 0, size, false);
    }
}

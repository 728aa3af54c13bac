// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.ConfText;
import io.margay.http.TargetPath;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Runs of bytes, as views that may share their array with a request. */
final class Bytes {
    private Bytes() {
    }

    static AsciiString of(String text) {
        return new AsciiString(ConfText.encode(text), false);
    }

    /** One character for each byte. */
    static String latin(AsciiString text) {
        return new String(text.array(), text.arrayOffset(), text.length(), StandardCharsets.ISO_8859_1);
    }

    static AsciiString view(byte[] a, int start, int end) {
        return new AsciiString(a, start, end - start, false);
    }

    static byte lower(byte c) {
        return c >= 'A' && c <= 'Z' ? (byte) (c + 32) : c;
    }

    /** Decodes percent sequences, and {@code +} to a space if {@code plus}; empty if one is invalid. */
    static Optional<AsciiString> decode(AsciiString text, boolean plus) {
        byte[] in = text.array();
        int start = text.arrayOffset();
        int end = start + text.length();
        int first = start;
        while (first < end && in[first] != '%' && !(plus && in[first] == '+')) {
            first++;
        }
        if (first == end) {
            return Optional.of(text);
        }
        byte[] out = Arrays.copyOfRange(in, start, end);
        int size = first - start;
        for (int i = first; i < end; i++) {
            byte c = in[i];
            if (c == '%') {
                int high = i + 2 < end ? TargetPath.hex(in[i + 1]) : -1;
                int low = high < 0 ? -1 : TargetPath.hex(in[i + 2]);
                if (low < 0) {
                    return Optional.empty();
                }
                c = (byte) (high << 4 | low);
                i += 2;
            } else if (plus && c == '+') {
                c = ' ';
            }
            out[size++] = c;
        }
        return Optional.of(view(out, 0, size));
    }

    /** Like {@link #decode}, but leaves a text with an invalid sequence as it is. */
    static AsciiString decodeOrKeep(AsciiString text) {
        Optional<AsciiString> decoded = decode(text, true);
        return decoded.isPresent() ? decoded.get() : text;
    }
}

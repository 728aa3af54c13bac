// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.ConfText;
import io.margay.conf.Percent;
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

    /** Decodes percent sequences, and {@code +} to a space if {@code plus}; empty if one is broken. */
    static Optional<AsciiString> decode(AsciiString text, boolean plus) {
        return Optional.ofNullable(decode(text, plus, false));
    }

    /** Like {@link #decode}, but broken sequences stay as they are. */
    static AsciiString decodeOrKeep(AsciiString text) {
        return decode(text, true, true);
    }

    private static AsciiString decode(AsciiString text, boolean plus, boolean lenient) {
        byte[] in = text.array();
        int start = text.arrayOffset();
        int end = start + text.length();
        int first = start;
        while (first < end && in[first] != '%' && !(plus && in[first] == '+')) {
            first++;
        }
        if (first == end) {
            return text;
        }
        byte[] out = Arrays.copyOfRange(in, start, end);
        int size = Percent.decode(out, first - start, out.length, plus, lenient);
        return size < 0 ? null : view(out, 0, size);
    }
}

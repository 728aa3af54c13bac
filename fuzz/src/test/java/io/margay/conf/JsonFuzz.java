// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.util.Arrays;

/**
 * Any bytes are a value or a {@link ConfSyntaxException} inside of the text, and a value comes back from both of its
 * written forms.
 */
public final class JsonFuzz {

    private JsonFuzz() {
    }

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(byte[] text) {
        Conf value;
        try {
            value = ConfParser.parse(text);
        } catch (ConfSyntaxException e) {
            boolean known = e.line() > 0 && e.column() > 0 || e.line() == 0 && e.column() == 0;
            if (e.offset() < 0 || e.offset() > text.length || !known || e.detail().isBlank()) {
                throw new IllegalStateException("a bad place: " + e.offset() + " " + e.line() + " " + e.column(), e);
            }
            return;
        }
        byte[] compact = ConfWriter.compact(value);
        Conf again = parse(compact);
        Conf fromPretty = parse(ConfWriter.pretty(value));
        // Equality of objects ignores the order, the bytes do not.
        if (!value.equals(again) || !value.equals(fromPretty) || value.hashCode() != again.hashCode()) {
            throw new IllegalStateException("another value came back");
        }
        if (!Arrays.equals(compact, ConfWriter.compact(again))
            || !Arrays.equals(compact, ConfWriter.compact(fromPretty))
            || !Arrays.equals(ConfWriter.pretty(value), ConfWriter.pretty(again))) {
            throw new IllegalStateException("written in another way");
        }
        for (byte c : compact) {
            if (c >= 0 && c < ' ') {
                throw new IllegalStateException("a control character in the compact form");
            }
        }
    }

    private static Conf parse(byte[] written) {
        try {
            return ConfParser.parse(written);
        } catch (ConfSyntaxException e) {
            throw new IllegalStateException("what was written cannot be read: " + e.detail(), e);
        }
    }
}

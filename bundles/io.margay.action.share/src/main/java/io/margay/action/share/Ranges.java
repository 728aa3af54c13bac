// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.http.Ascii;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The parts of a file that a request wants (RFC 9110 §14).
 *
 * @param parts in the order of the request; none if the file has none of them
 */
record Ranges(List<Part> parts) {
    /** More parts, or more bytes than the file has, are an attack: such a field is ignored (RFC 9110 §14.2). */
    private static final int MOST = 32;
    private static final AsciiString BYTES = AsciiString.cached("bytes=");
    private static final int UNSAID = -1;
    private static final int BAD = -2;
    /** More than any file has. */
    private static final long FAR = 1L << 58;

    /** Some bytes of a file. */
    record Part(long first, long count) {
    }

    /** Reads a field; empty if it is to be ignored. */
    static Optional<Ranges> of(AsciiString value, long size) {
        if (!value.regionMatches(true, 0, BYTES, 0, BYTES.length())) {
            return Optional.empty();
        }
        List<Part> parts = new ArrayList<>(1);
        int wanted = 0;
        long bytes = 0;
        for (AsciiString text : value.subSequence(BYTES.length(), value.length(), false).split(',')) {
            AsciiString spec = Ascii.trim(text);
            if (spec.isEmpty()) {
                continue;
            }
            int dash = spec.indexOf("-", 0);
            long first = dash < 0 ? BAD : number(spec, 0, dash);
            long last = dash < 0 ? BAD : number(spec, dash + 1, spec.length());
            if (++wanted > MOST || first == BAD || last == BAD || first == UNSAID && last == UNSAID
                || first != UNSAID && last != UNSAID && last < first) {
                return Optional.empty();
            }
            if (first == UNSAID) {
                first = Math.max(0, size - last);
                last = last == 0 ? UNSAID : size - 1;
            } else {
                last = last == UNSAID ? size - 1 : Math.min(last, size - 1);
            }
            if (last >= first) {
                parts.add(new Part(first, last - first + 1));
                bytes += last - first + 1;
            }
        }
        return wanted == 0 || parts.size() > 1 && bytes > size ? Optional.empty() : Optional.of(new Ranges(parts));
    }

    private static long number(AsciiString text, int start, int end) {
        long value = start == end ? UNSAID : 0;
        for (int i = start; i < end; i++) {
            int digit = text.byteAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return BAD;
            }
            value = Math.min(FAR, value * 10 + digit);
        }
        return value;
    }
}

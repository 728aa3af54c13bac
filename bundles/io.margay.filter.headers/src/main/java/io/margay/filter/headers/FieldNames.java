// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import io.margay.http.Ascii;
import java.util.Locale;
import java.util.Set;

/** Names of fields that options name. */
final class FieldNames {
    /** They tell where a request or a response ends, and how its connection goes on: not a matter of opinion. */
    private static final Set<String> FRAMES = Set.of("connection", "content-length", "transfer-encoding", "te",
        "trailer", "upgrade", "keep-alive", "proxy-connection", "expect", "http2-settings");
    private static final Set<String> FIXED = Set.of("host", "server", "date");

    private FieldNames() {
    }

    /** Whether a text is a token (RFC 9110 §5.6.2). */
    static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c < 0x80 && Ascii.isToken((byte) c));
    }

    /** Whether a text is the name of a field that may be given another value. */
    static boolean mayChange(String text) {
        return isToken(text) && !frames(text) && !FIXED.contains(text.toLowerCase(Locale.ROOT));
    }

    /** Whether a text is the name of a field that says how a request is to be read. */
    static boolean frames(String text) {
        return FRAMES.contains(text.toLowerCase(Locale.ROOT));
    }
}

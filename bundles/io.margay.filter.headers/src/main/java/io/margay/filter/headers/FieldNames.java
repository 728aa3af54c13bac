// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import io.margay.http.Ascii;
import java.util.Locale;
import java.util.Set;

/** Names of fields that options name. */
final class FieldNames {
    /** They tell where a request or a response ends and whose it is: not a matter of opinion. */
    private static final Set<String> FIXED = Set.of("connection", "content-length", "transfer-encoding", "te",
        "trailer", "upgrade", "keep-alive", "proxy-connection", "expect", "http2-settings", "host", "server", "date");

    private FieldNames() {
    }

    /** Whether a text is a token (RFC 9110 §5.6.2). */
    static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c < 0x80 && Ascii.isToken((byte) c));
    }

    /** Whether a text is the name of a field that may be given another value. */
    static boolean mayChange(String text) {
        return isToken(text) && !FIXED.contains(text.toLowerCase(Locale.ROOT));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.telemetry;

import io.netty.util.AsciiString;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/** Whether a {@code tracestate} is one (W3C Trace Context §3.3): else it is not passed on. */
final class TraceState {
    private static final int MOST_BYTES = 512;
    private static final int MOST_MEMBERS = 32;
    private static final Pattern MEMBER = Pattern.compile(
        "([a-z][_0-9a-z*/-]{0,255}|[a-z0-9][_0-9a-z*/-]{0,240}@[a-z][_0-9a-z*/-]{0,13})"
            + "=([ -+\\--<>-~]{0,255}[!-+\\--<>-~])");

    private TraceState() {
    }

    /** Members are well-formed, of different names, not too many, and not too long together. */
    static boolean isValid(AsciiString text) {
        if (text.isEmpty() || text.length() > MOST_BYTES) {
            return false;
        }
        Set<String> names = new HashSet<>();
        int members = 0;
        for (String part : text.toString().split(",", -1)) {
            String member = part.strip();
            if (member.isEmpty()) {
                continue;
            }
            if (++members > MOST_MEMBERS || !MEMBER.matcher(member).matches()
                || !names.add(member.substring(0, member.indexOf('=')))) {
                return false;
            }
        }
        return members > 0;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.util.AsciiString;
import java.util.List;
import java.util.Optional;

/**
 * The script that a path names, by its text alone: whether there is one only its server knows.
 *
 * @param script from the root on, with a slash in front
 * @param info what follows it in the path; mostly empty
 */
record ScriptPath(AsciiString script, AsciiString info) {
    private static final AsciiString ABOVE = AsciiString.cached("/..");

    /** Finds it; empty when the path names none, or one outside of the root. The texts may be views of the path. */
    static Optional<ScriptPath> of(AsciiString path, FastCgiOptions options) {
        if (!options.script().isEmpty()) {
            return Optional.of(new ScriptPath(options.script(), AsciiString.EMPTY_STRING));
        }
        int end = end(path, options.splits());
        if (end < 0 && !path.endsWith("/")) {
            return Optional.empty();
        }
        ScriptPath found = end < 0
            ? new ScriptPath(path.concat(options.index()), AsciiString.EMPTY_STRING)
            : new ScriptPath(path.subSequence(0, end, false), path.subSequence(end, path.length(), false));
        return isInside(found.script) ? Optional.of(found) : Optional.empty();
    }

    /** Where the first name ends that has one of the endings; -1 if none has. */
    private static int end(AsciiString path, List<AsciiString> splits) {
        int first = -1;
        for (AsciiString split : splits) {
            for (int at = path.indexOf(split); at >= 0; at = path.indexOf(split, at + 1)) {
                int end = at + split.length();
                if (end == path.length() || path.byteAt(end) == '/') {
                    first = first < 0 ? end : Math.min(first, end);
                    break;
                }
            }
        }
        return first;
    }

    /** Paths are normal, unless a rewritten one is not. */
    private static boolean isInside(AsciiString script) {
        if (script.isEmpty() || script.byteAt(0) != '/' || script.indexOf('\0', 0) >= 0) {
            return false;
        }
        for (int at = script.indexOf(ABOVE); at >= 0; at = script.indexOf(ABOVE, at + 1)) {
            int end = at + ABOVE.length();
            if (end == script.length() || script.byteAt(end) == '/') {
                return false;
            }
        }
        return true;
    }
}

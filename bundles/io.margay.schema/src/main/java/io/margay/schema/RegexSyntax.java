// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.ConfRegex;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;

/**
 * Tells whether a regular expression of the configuration can be used, by compiling it. The compiler of the class
 * library answers what overflows its stack with a syntax error.
 */
final class RegexSyntax {
    private static final int MAX_LENGTH = 32_768;
    /** Also what PCRE allows; the compiler of the class library recurses once per level. */
    private static final int MAX_GROUPS = 250;

    private RegexSyntax() {
    }

    static Optional<String> problem(String regex) {
        if (regex.length() > MAX_LENGTH) {
            return Optional.of("regular expression is too large");
        }
        if (deepest(regex) > MAX_GROUPS) {
            return Optional.of("parentheses are too deeply nested");
        }
        try {
            ConfRegex.compile(regex);
            return Optional.empty();
        } catch (PatternSyntaxException e) {
            return Optional.of(e.getDescription() + (e.getIndex() < 0 ? "" : " at offset " + e.getIndex()));
        }
    }

    private static int deepest(String regex) {
        int open = 0;
        int most = 0;
        for (int i = 0; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '(' || c == '[') {
                most = Math.max(most, ++open);
            } else if ((c == ')' || c == ']') && open > 0) {
                open--;
            }
        }
        return most;
    }
}

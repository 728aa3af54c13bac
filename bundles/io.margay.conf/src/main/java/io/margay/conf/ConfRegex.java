// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Regular expressions of configurations, which are those of PCRE ({@code spec/routing.md §4}), for the class library.
 * Both who checks an expression and who matches with it must go this way, or they would mean different things. What
 * matters is whether a text matches, not what groups hold. Recursion, conditions, verbs and callouts are refused, and
 * so are references where groups share a number.
 */
public final class ConfRegex {

    private ConfRegex() {
    }

    /**
     * Compiles an expression, which then looks at texts byte by byte: each of their characters is to be one. Any
     * thread.
     *
     * @throws PatternSyntaxException with the offset in bytes, -1 if there is none
     */
    public static Pattern compile(String regex) {
        PcreSyntax syntax = new PcreSyntax(new String(ConfText.encode(regex), StandardCharsets.ISO_8859_1));
        String own = syntax.translate();
        try {
            // Of the ends of lines PCRE knows but the line feed.
            return Pattern.compile(own, Pattern.UNIX_LINES);
        } catch (PatternSyntaxException e) {
            throw new PatternSyntaxException(e.getDescription(), regex, syntax.source(e.getIndex()));
        }
    }

    /**
     * {@return the expression as the class library has it; any thread}
     *
     * @throws PatternSyntaxException as above
     */
    public static String forJava(String regex) {
        return new PcreSyntax(regex).translate();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

/**
 * Regular expressions of configurations, which are those of PCRE ({@code spec/routing.md §4}), for the class library.
 * Both who checks an expression and who matches with it must go this way, or they would mean different things.
 */
public final class ConfRegex {

    private ConfRegex() {
    }

    /** {@return the expression with the few spellings that the class library has in another way; any thread} */
    public static String forJava(String regex) {
        return regex.replace("(?P<", "(?<").replaceAll("\\(\\?P=([A-Za-z][A-Za-z0-9]*)\\)", "\\\\k<$1>")
            .replace("[:alpha:]", "\\p{Alpha}").replace("[:digit:]", "\\p{Digit}").replace("[:alnum:]", "\\p{Alnum}")
            .replace("[:upper:]", "\\p{Upper}").replace("[:lower:]", "\\p{Lower}").replace("[:space:]", "\\s")
            .replace("[:punct:]", "\\p{Punct}").replace("[:xdigit:]", "\\p{XDigit}").replace("[:word:]", "\\w");
    }
}

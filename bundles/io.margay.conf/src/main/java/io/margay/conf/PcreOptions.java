// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.util.regex.PatternSyntaxException;

/**
 * Options inside of a regular expression of PCRE, as {@code (?i-s)}.
 *
 * @param flags for the class library
 * @param blanks whether blanks and comments are left out from there on
 * @param end where the bracket or the colon is that ends them
 */
record PcreOptions(String flags, boolean blanks, int end) {

    /** Reads those that begin at an offset; {@code blanks} tells how it was so far. */
    static PcreOptions read(String in, int from, boolean blanks) {
        StringBuilder on = new StringBuilder();
        StringBuilder off = new StringBuilder();
        boolean extended = blanks;
        boolean without = false;
        int i = from;
        for (; i < in.length() && in.charAt(i) != ')' && in.charAt(i) != ':'; i++) {
            char c = in.charAt(i);
            switch (c) {
                case '^' -> {
                    off.append("ims");
                    extended = false;
                }
                case '-' -> without = true;
                case 'i', 'm', 's' -> (without ? off : on).append(c);
                case 'x' -> {
                    if (in.startsWith("xx", i) && !without) {
                        throw new PatternSyntaxException("blanks in classes cannot be left out", in, i);
                    }
                    extended = !without;
                }
                case 'n' -> {
                    if (!without) {
                        throw new PatternSyntaxException("groups without numbers are not supported", in, i);
                    }
                }
                // How much is matched does not matter.
                case 'U', 'J' -> { }
                default -> throw new PatternSyntaxException("unrecognized character after (? or (?-", in, i);
            }
        }
        if (i == in.length()) {
            throw new PatternSyntaxException("Unclosed group", in, i);
        }
        return new PcreOptions((off.isEmpty() ? "" : "(?-" + off + ")") + (on.isEmpty() ? "" : "(?" + on + ")"),
            extended, i);
    }
}

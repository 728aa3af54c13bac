// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

/** Text of a client in a form that fits into one line of the log. */
public final class Printable {
    private static final int LONGEST = 200;

    private Printable() {
    }

    /** With a question mark for what has no place there, and cut where it is long. */
    public static String of(String text) {
        String shown = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
        return shown.replaceAll("[^\\x20-\\x7E]", "?");
    }
}

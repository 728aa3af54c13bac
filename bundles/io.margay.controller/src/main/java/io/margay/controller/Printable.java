// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

/** Text of a client in a form that fits into one line of the log. */
final class Printable {
    private static final int LONGEST = 200;

    private Printable() {
    }

    static String of(String text) {
        String shown = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
        return shown.replaceAll("[^\\x20-\\x7E]", "?");
    }
}

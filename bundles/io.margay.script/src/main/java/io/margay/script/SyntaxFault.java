// SPDX-License-Identifier: Apache-2.0
package io.margay.script;

/** Ends the parsing at the first fault. */
final class SyntaxFault extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String text;
    private final int offset;

    SyntaxFault(String text, int offset) {
        super(text, null, false, false);
        this.text = text;
        this.offset = offset;
    }

    String text() {
        return text;
    }

    /** Where, in characters from the start of the source. */
    int offset() {
        return offset;
    }
}

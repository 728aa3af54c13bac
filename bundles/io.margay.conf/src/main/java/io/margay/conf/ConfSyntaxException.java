// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

/** A text is not JSON; says why and where ({@code spec/configuration.md §1.3}). */
public final class ConfSyntaxException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int offset;
    private final int line;
    private final int column;

    /**
     * An error at a place.
     *
     * @param detail why, for the client
     * @param offset bytes before the place, not counting a byte order mark
     * @param line from 1, or 0 when line and column are unknown because the text before is not UTF-8
     * @param column in characters from 1, or 0
     */
    public ConfSyntaxException(String detail, int offset, int line, int column) {
        super(detail);
        this.offset = offset;
        this.line = line;
        this.column = column;
    }

    /** Why, for the client. */
    public String detail() {
        return getMessage();
    }

    /** Bytes before the place, not counting a byte order mark. */
    public int offset() {
        return offset;
    }

    /** Line from 1, or 0 when unknown. */
    public int line() {
        return line;
    }

    /** Column in characters from 1, or 0 when unknown. */
    public int column() {
        return column;
    }
}

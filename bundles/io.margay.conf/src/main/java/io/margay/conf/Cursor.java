// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

/** A place in the text being parsed. */
final class Cursor {
    final byte[] in;
    final int start;
    int position;

    Cursor(byte[] in, int start) {
        this.in = in;
        this.start = start;
        this.position = start;
    }

    boolean ended() {
        return position >= in.length;
    }

    /** The byte here; only when not ended. */
    int current() {
        return in[position] & 0xFF;
    }

    /** Passes what stands for itself in a string. */
    void skipPlain() {
        byte[] bytes = in;
        int i = position;
        while (i < bytes.length && bytes[i] >= ' ' && bytes[i] != '"' && bytes[i] != '\\') {
            i++;
        }
        position = i;
    }

    /** Passes white space and comments; stays at the slash of one that is not closed, for the caller to refuse. */
    void skipSpace() {
        while (position < in.length) {
            switch (in[position]) {
                case ' ', '\t', '\n', '\r' -> position++;
                case '/' -> {
                    int end = commentEnd();
                    if (end < 0) {
                        return;
                    }
                    position = end;
                }
                default -> {
                    return;
                }
            }
        }
    }

    private int commentEnd() {
        int i = position + 1;
        if (i >= in.length) {
            return -1;
        }
        if (in[i] == '/') {
            while (i < in.length && in[i] != '\n') {
                i++;
            }
            return i;
        }
        if (in[i] == '*') {
            for (i += 2; i < in.length; i++) {
                if (in[i] == '/' && in[i - 1] == '*') {
                    return i + 1;
                }
            }
        }
        return -1;
    }

    /** The error for this place. */
    ConfSyntaxException error(String detail) {
        int line = 1;
        int lineStart = start;
        for (int i = start; i < position; i++) {
            if (in[i] == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        int characters = ConfText.characters(in, lineStart, position);
        return characters < 0
            ? new ConfSyntaxException(detail, position - start, 0, 0)
            : new ConfSyntaxException(detail, position - start, line, characters + 1);
    }
}

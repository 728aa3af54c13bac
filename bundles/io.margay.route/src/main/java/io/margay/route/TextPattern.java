// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** One pattern without its negation: literal pieces between wildcards, or a regular expression. */
final class TextPattern {

    /** How the compared value was made, which the pattern follows. */
    enum Form {
        /** As it is. */
        EXACT,
        /** The pattern is folded to lower case. */
        LOWER,
        /** The pattern is folded to upper case. */
        UPPER,
        /** Pattern and value are compared without letter case. */
        ANY_CASE,
        /** The pattern is percent-encoded. */
        URI,
        /** The pattern is percent-encoded and {@code +} is a space. */
        QUERY
    }

    /** Steps of a regular expression before it is given up, as a guard against patterns that explode. */
    private static final int MOST_STEPS = 1_000_000;

    private final Optional<Pattern> regex;
    private final AsciiString[] pieces;
    private final boolean anyCase;

    private TextPattern(Optional<Pattern> regex, AsciiString[] pieces, boolean anyCase) {
        this.regex = regex;
        this.pieces = pieces;
        this.anyCase = anyCase;
    }

    static TextPattern regex(Pattern regex) {
        return new TextPattern(Optional.of(regex), new AsciiString[0], false);
    }

    /** Splits at the wildcards, then decodes the pieces; empty if the encoding is invalid. */
    static Optional<TextPattern> wildcards(AsciiString text, Form form) {
        List<AsciiString> pieces = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i < text.length() && text.byteAt(i) != '*') {
                continue;
            }
            AsciiString piece = text.subSequence(start, i, true);
            start = i + 1;
            if (form == Form.URI || form == Form.QUERY) {
                Optional<AsciiString> decoded = Bytes.decode(piece, form == Form.QUERY);
                if (decoded.isEmpty()) {
                    return Optional.empty();
                }
                piece = decoded.get();
            } else if (form == Form.LOWER || form == Form.ANY_CASE) {
                piece = piece.toLowerCase();
            } else if (form == Form.UPPER) {
                piece = piece.toUpperCase();
            }
            pieces.add(piece);
        }
        return Optional.of(new TextPattern(Optional.empty(), pieces.toArray(AsciiString[]::new),
            form == Form.ANY_CASE));
    }

    /** The value that alone is hit; empty if there are others. */
    Optional<AsciiString> exact() {
        return regex.isPresent() || pieces.length > 1 ? Optional.empty() : Optional.of(pieces[0]);
    }

    /** What all values that are hit begin with; maybe empty. */
    AsciiString prefix() {
        return regex.isPresent() ? AsciiString.EMPTY_STRING : pieces[0];
    }

    boolean hits(AsciiString value) {
        if (regex.isPresent()) {
            return find(regex.get(), value);
        }
        byte[] a = value.array();
        int start = value.arrayOffset();
        int end = start + value.length();
        AsciiString first = pieces[0];
        if (pieces.length == 1) {
            return first.length() == value.length() && equal(a, start, first);
        }
        AsciiString last = pieces[pieces.length - 1];
        if (value.length() < first.length() + last.length() || !equal(a, start, first)
            || !equal(a, end - last.length(), last)) {
            return false;
        }
        int at = start + first.length();
        int stop = end - last.length();
        for (int i = 1; i < pieces.length - 1; i++) {
            AsciiString piece = pieces[i];
            while (at + piece.length() <= stop && !equal(a, at, piece)) {
                at++;
            }
            if (at + piece.length() > stop) {
                return false;
            }
            at += piece.length();
        }
        return true;
    }

    private static boolean find(Pattern regex, AsciiString value) {
        try {
            return regex.matcher(new Counted(value, new int[] {MOST_STEPS}, 0, value.length())).find();
        } catch (StackOverflowError | StepsException e) {
            // The engine of the JDK descends once for each repetition of a group.
            throw new MatchLimitException(tooMuch(regex, value));
        }
    }

    private static String tooMuch(Pattern regex, AsciiString value) {
        return "the regular expression \"" + regex.pattern() + "\" takes too many steps for " + value.length()
            + " bytes";
    }

    private boolean equal(byte[] a, int at, AsciiString piece) {
        byte[] b = piece.array();
        int start = piece.arrayOffset();
        for (int i = 0, n = piece.length(); i < n; i++) {
            byte c = a[at + i];
            if (c != b[start + i] && (!anyCase || Bytes.lower(c) != b[start + i])) {
                return false;
            }
        }
        return true;
    }

    /** The end of the steps; made often by hostile requests, so without a stack. */
    private static final class StepsException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        StepsException() {
            super("too many steps", null, false, false);
        }
    }

    /** A text that counts how often it is looked at. */
    private record Counted(AsciiString text, int[] steps, int start, int end) implements CharSequence {
        @Override
        public int length() {
            return end - start;
        }

        @Override
        public char charAt(int index) {
            if (--steps[0] < 0) {
                throw new StepsException();
            }
            return (char) (text.byteAt(start + index) & 0xff);
        }

        @Override
        public CharSequence subSequence(int from, int to) {
            return new Counted(text, steps, start + from, start + to);
        }

        @Override
        public String toString() {
            return Bytes.latin(text.subSequence(start, end, false));
        }
    }
}

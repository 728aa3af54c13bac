// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.util.regex.PatternSyntaxException;

/** What a backslash means in a regular expression of PCRE, in classes and outside of them. */
final class PcreEscapes {
    private static final String SETS = "dDwWsShHvV";
    private static final int MOST = 0xff;
    private static final int HEX = 16;
    private static final int OCTAL = 8;
    private static final int CONTROL = 0x40;

    private final String in;

    PcreEscapes(String in) {
        this.in = in;
    }

    /**
     * A meaning.
     *
     * @param text for the class library
     * @param literal the character; -1 if it is a set of them
     * @param end behind it
     */
    record Meaning(String text, int literal, int end) {
    }

    /** A character that stands for itself, wherever it is. */
    static String literal(int c) {
        return c <= MOST ? String.format("\\x%02x", c) : String.format("\\x{%x}", c);
    }

    /** Behind the decimal digits. */
    static int digits(String in, int from) {
        int end = from;
        while (end < in.length() && in.charAt(end) >= '0' && in.charAt(end) <= '9') {
            end++;
        }
        return end;
    }

    /** What the backslash there means if it is a character or a set of some. */
    Meaning at(int slash) {
        if (slash + 1 == in.length()) {
            throw error("\\ at end of pattern", slash + 1);
        }
        char c = in.charAt(slash + 1);
        if (SETS.indexOf(c) >= 0) {
            return new Meaning("\\" + c, -1, slash + 2);
        }
        return switch (c) {
            case 'p', 'P' -> property(slash);
            case 'a' -> value('\u0007', slash + 2);
            case 'e' -> value('\u001b', slash + 2);
            case 'f' -> value('\f', slash + 2);
            case 'n' -> value('\n', slash + 2);
            case 'r' -> value('\r', slash + 2);
            case 't' -> value('\t', slash + 2);
            case 'c' -> {
                char control = slash + 2 < in.length() ? Character.toUpperCase(in.charAt(slash + 2)) : 0;
                if (control < ' ' || control > '~') {
                    throw error("\\c must be followed by a printable ASCII character", slash);
                }
                yield value(control ^ CONTROL, slash + 3);
            }
            case 'x' -> in.startsWith("{", slash + 2) ? braces(slash, HEX) : few(slash + 2, 2, HEX);
            case 'o' -> {
                if (!in.startsWith("{", slash + 2)) {
                    throw error("missing opening brace after \\o", slash);
                }
                yield braces(slash, OCTAL);
            }
            case '0', '1', '2', '3', '4', '5', '6', '7' -> few(slash + 1, 3, OCTAL);
            default -> {
                if (c < 0x80 && Character.isLetterOrDigit(c)) {
                    throw error("unrecognized character follows \\", slash + 1);
                }
                yield value(c, slash + 2);
            }
        };
    }

    private PatternSyntaxException error(String what, int where) {
        return new PatternSyntaxException(what, in, where);
    }

    private static Meaning value(int c, int end) {
        return new Meaning(literal(c), c, end);
    }

    private Meaning few(int from, int most, int base) {
        int end = from;
        int value = 0;
        while (end < in.length() && end < from + most && Character.digit(in.charAt(end), base) >= 0) {
            value = value * base + Character.digit(in.charAt(end++), base);
        }
        return checked(value, from, end);
    }

    private Meaning braces(int slash, int base) {
        int end = in.indexOf('}', slash);
        int value = 0;
        for (int i = slash + 3; i < end; i++) {
            int digit = Character.digit(in.charAt(i), base);
            if (digit < 0) {
                throw error("non-digit character in \\x{} or \\o{}", i);
            }
            value = Math.min(value * base + digit, MOST + 1);
        }
        if (end <= slash + 3) {
            throw error("missing digits or terminating brace in \\x{} or \\o{}", slash);
        }
        return checked(value, slash, end + 1);
    }

    private Meaning checked(int value, int from, int end) {
        if (value > MOST) {
            throw error("character code point value in escape is too large", from);
        }
        return value(value, end);
    }

    private Meaning property(int slash) {
        boolean braces = in.startsWith("{", slash + 2);
        int end = braces ? in.indexOf('}', slash) + 1 : slash + 3;
        if (end == 0 || end > in.length()) {
            throw error("malformed \\P or \\p sequence", slash);
        }
        String name = in.substring(slash + (braces ? 3 : 2), braces ? end - 1 : end);
        boolean not = name.startsWith("^");
        boolean large = in.charAt(slash + 1) == 'P';
        String plain = not ? name.substring(1) : name;
        if (plain.equals("Any")) {
            return new Meaning(not != large ? "[^\\x00-\\xff]" : "[\\x00-\\xff]", -1, end);
        }
        if (!plain.matches("[A-Z][a-z]?")) {
            throw error("unknown property name after \\P or \\p", slash);
        }
        return new Meaning((not != large ? "\\P{" : "\\p{") + plain + "}", -1, end);
    }
}

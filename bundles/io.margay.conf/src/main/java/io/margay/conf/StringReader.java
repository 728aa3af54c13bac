// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Reads strings and member names. */
final class StringReader {
    private static final String OPEN =
        "Unexpected end of JSON payload.  There's a string without a final double quote (\").";
    private static final String SEQUENCE = "Invalid JSON encoding sequence.  This ";

    /** Names up to this length are kept to be found again: a configuration uses few, and each many times. */
    private static final int SHORT_NAME = 32;
    private static final int KEPT_NAMES = 256;

    private final Cursor at;
    private final String[] names = new String[KEPT_NAMES];

    StringReader(Cursor at) {
        this.at = at;
    }

    /** Reads a member name; the same short name is mostly the same object. */
    String name() throws ConfSyntaxException {
        int from = at.position + 1;
        int hash = 0;
        int i = from;
        for (; i < at.in.length && i - from <= SHORT_NAME; i++) {
            byte c = at.in[i];
            if (c == '"') {
                at.position = i + 1;
                return kept(from, i, hash);
            }
            if (c < ' ' || c == '\\') {
                break;
            }
            hash = hash * 31 + c;
        }
        return read();
    }

    private String kept(int from, int to, int hash) {
        int slot = (hash ^ hash >>> 8) & KEPT_NAMES - 1;
        String name = names[slot];
        if (name == null || !matches(name, from, to)) {
            name = ConfText.decode(at.in, from, to);
            names[slot] = name;
        }
        return name;
    }

    private boolean matches(String name, int from, int to) {
        if (name.length() != to - from) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (name.charAt(i - from) != at.in[i]) {
                return false;
            }
        }
        return true;
    }

    /** Reads the string whose opening quote is at the cursor. */
    String read() throws ConfSyntaxException {
        int from = ++at.position;
        at.skipPlain();
        ByteArrayOutputStream unescaped = null;
        while (!at.ended()) {
            int c = at.current();
            if (c == '"') {
                String text = unescaped == null ? ConfText.decode(at.in, from, at.position)
                    : ConfText.decode(append(unescaped, from).toByteArray());
                at.position++;
                return text;
            }
            if (c < ' ') {
                throw at.error("Unexpected character.  All control characters in a JSON string must be escaped.");
            }
            if (c == '\\') {
                unescaped = append(unescaped == null ? new ByteArrayOutputStream() : unescaped, from);
                escape(unescaped);
                from = at.position;
            } else {
                at.position++;
            }
        }
        throw at.error(OPEN);
    }

    private ByteArrayOutputStream append(ByteArrayOutputStream out, int from) {
        out.write(at.in, from, at.position - from);
        return out;
    }

    private void escape(ByteArrayOutputStream out) throws ConfSyntaxException {
        int backslash = at.position;
        if (backslash + 1 >= at.in.length) {
            at.position++;
            throw at.error(OPEN);
        }
        int plain = switch (at.in[backslash + 1]) {
            case '"' -> '"';
            case '\\' -> '\\';
            case '/' -> '/';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> -1;
            default -> throw at.error("Unexpected backslash.  A literal backslash in a JSON string must be escaped "
                + "with a second backslash (\\\\).");
        };
        if (plain >= 0) {
            out.write(plain);
            at.position += 2;
        } else {
            out.writeBytes(Character.toString(codePoint(backslash)).getBytes(StandardCharsets.UTF_8));
        }
    }

    private int codePoint(int backslash) throws ConfSyntaxException {
        char unit = hex();
        if (!Character.isSurrogate(unit)) {
            return unit;
        }
        boolean pair = Character.isHighSurrogate(unit) && at.position + 1 < at.in.length
            && at.in[at.position] == '\\' && at.in[at.position + 1] == 'u';
        char second = pair ? hex() : 0;
        if (!pair || !Character.isLowSurrogate(second)) {
            at.position = backslash;
            throw at.error(SEQUENCE + (pair ? "12" : "6") + "-byte sequence must represent a valid Unicode code point "
                + "in the UTF-16 form.");
        }
        return Character.toCodePoint(unit, second);
    }

    /** Reads {@code \}{@code uXXXX} and moves behind it. */
    private char hex() throws ConfSyntaxException {
        at.position += 2;
        int value = 0;
        for (int i = 0; i < 4; i++, at.position++) {
            if (at.ended()) {
                throw at.error(OPEN);
            }
            int digit = at.current() < 0x80 ? Character.digit(at.current(), 16) : -1;
            if (digit < 0) {
                throw at.error("Invalid escape sequence.  An escape sequence in a JSON string must start with a "
                    + "backslash, followed by the lowercase letter u, followed by four hexadecimal digits (\\uXXXX).");
            }
            value = value << 4 | digit;
        }
        return (char) value;
    }
}

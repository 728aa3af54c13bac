// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.util.Map;

/** Writes values as text, by the rules of {@code spec/configuration.md §2}. */
public final class ConfWriter {
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private final StringBuilder out = new StringBuilder(256);
    private final boolean pretty;

    private ConfWriter(boolean pretty) {
        this.pretty = pretty;
    }

    /** The form of API replies: CRLF, tabs, blank lines after containers, and a final CRLF. */
    public static byte[] pretty(Conf value) {
        ConfWriter writer = new ConfWriter(true);
        writer.value(value, 0);
        writer.out.append("\r\n");
        return ConfText.encode(writer.out.toString());
    }

    /** The stored form: no white space, no final newline. */
    public static byte[] compact(Conf value) {
        return ConfText.encode(compactText(value));
    }

    /** The compact form as text (see {@link ConfText}). */
    public static String compactText(Conf value) {
        ConfWriter writer = new ConfWriter(false);
        writer.value(value, 0);
        return writer.out.toString();
    }

    /** A string in quotes, as text (see {@link ConfText}). */
    public static String quoted(String text) {
        ConfWriter writer = new ConfWriter(false);
        writer.string(text);
        return writer.out.toString();
    }

    private void value(Conf value, int level) {
        switch (value) {
            case ConfObject object -> object(object, level);
            case ConfArray array -> array(array, level);
            case ConfString string -> string(string.value());
            case ConfNumber number -> out.append(number.text());
            case ConfBoolean bool -> out.append(bool.value());
            case ConfNull ignored -> out.append("null");
        }
    }

    private void object(ConfObject object, int level) {
        out.append('{');
        boolean first = true;
        boolean blankLine = false;
        for (Map.Entry<String, Conf> member : object.members().entrySet()) {
            if (!first) {
                out.append(',');
            }
            if (blankLine && pretty) {
                out.append("\r\n");
            }
            newline(level + 1);
            string(member.getKey());
            out.append(pretty ? ": " : ":");
            value(member.getValue(), level + 1);
            first = false;
            blankLine = isFilled(member.getValue());
        }
        if (!first) {
            newline(level);
        }
        out.append('}');
    }

    private void array(ConfArray array, int level) {
        out.append('[');
        boolean first = true;
        for (Conf element : array.elements()) {
            if (!first) {
                out.append(',');
            }
            newline(level + 1);
            value(element, level + 1);
            first = false;
        }
        if (!first) {
            newline(level);
        }
        out.append(']');
    }

    private static boolean isFilled(Conf value) {
        return value instanceof ConfObject o && !o.isEmpty() || value instanceof ConfArray a && !a.isEmpty();
    }

    private void newline(int level) {
        if (pretty) {
            out.append("\r\n");
            out.repeat('\t', level);
        }
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ') {
                        out.append("\\u00").append(HEX[c >> 4]).append(HEX[c & 15]);
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}

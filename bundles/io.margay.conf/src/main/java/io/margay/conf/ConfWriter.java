// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes values as text, by the rules of {@code spec/configuration.md §2}. */
public final class ConfWriter {
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    /** What every virtual machine can allocate. */
    private static final int LONGEST = Integer.MAX_VALUE - 8;

    /** A long text is collected in pieces: an array that is made longer and longer takes three times its size. */
    private static final int PIECE = 1 << 20;

    private final boolean pretty;
    private final List<byte[]> full = new ArrayList<>(0);
    private byte[] out = new byte[256];
    private int length;

    private ConfWriter(boolean pretty) {
        this.pretty = pretty;
    }

    /** The form of API replies: CRLF, tabs, blank lines after containers, and a final CRLF. */
    public static byte[] pretty(Conf value) {
        ConfWriter writer = new ConfWriter(true);
        writer.value(value, 0);
        writer.text("\r\n");
        return writer.bytes();
    }

    /** The stored form: no white space, no final newline. */
    public static byte[] compact(Conf value) {
        ConfWriter writer = new ConfWriter(false);
        writer.value(value, 0);
        return writer.bytes();
    }

    /** The compact form as text (see {@link ConfText}). */
    public static String compactText(Conf value) {
        return ConfText.decode(compact(value));
    }

    /** A string in quotes, as text (see {@link ConfText}). */
    public static String quoted(String text) {
        ConfWriter writer = new ConfWriter(false);
        writer.string(text);
        return ConfText.decode(writer.bytes());
    }

    private byte[] bytes() {
        if (full.isEmpty()) {
            return Arrays.copyOf(out, length);
        }
        long size = length;
        for (byte[] piece : full) {
            size += piece.length;
        }
        if (size > LONGEST) {
            throw new OutOfMemoryError("a text of more than " + LONGEST + " bytes");
        }
        byte[] all = new byte[(int) size];
        int at = 0;
        for (byte[] piece : full) {
            System.arraycopy(piece, 0, all, at, piece.length);
            at += piece.length;
        }
        System.arraycopy(out, 0, all, at, length);
        return all;
    }

    private void value(Conf value, int level) {
        switch (value) {
            case ConfObject object -> object(object, level);
            case ConfArray array -> array(array, level);
            case ConfString string -> string(string.value());
            case ConfNumber number -> text(number.text());
            case ConfBoolean bool -> text(bool.value() ? "true" : "false");
            case ConfNull ignored -> text("null");
        }
    }

    private void object(ConfObject object, int level) {
        put('{');
        Conf[] before = new Conf[1];
        object.members().forEach((name, value) -> {
            if (before[0] != null) {
                put(',');
                if (pretty && isFilled(before[0])) {
                    text("\r\n");
                }
            }
            newline(level + 1);
            string(name);
            text(pretty ? ": " : ":");
            value(value, level + 1);
            before[0] = value;
        });
        if (before[0] != null) {
            newline(level);
        }
        put('}');
    }

    private void array(ConfArray array, int level) {
        put('[');
        boolean first = true;
        for (Conf element : array.elements()) {
            if (!first) {
                put(',');
            }
            newline(level + 1);
            value(element, level + 1);
            first = false;
        }
        if (!first) {
            newline(level);
        }
        put(']');
    }

    private static boolean isFilled(Conf value) {
        return value instanceof ConfObject o && !o.isEmpty() || value instanceof ConfArray a && !a.isEmpty();
    }

    private void newline(int level) {
        if (pretty) {
            text("\r\n");
            for (int i = 0; i < level; i++) {
                put('\t');
            }
        }
    }

    private void string(String text) {
        put('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                i = encoded(text, i);
            } else if (c < ' ' || c == '"' || c == '\\') {
                escaped(c);
            } else {
                put(c);
            }
        }
        put('"');
    }

    private void escaped(char c) {
        switch (c) {
            case '"' -> text("\\\"");
            case '\\' -> text("\\\\");
            case '\n' -> text("\\n");
            case '\r' -> text("\\r");
            case '\t' -> text("\\t");
            case '\b' -> text("\\b");
            case '\f' -> text("\\f");
            default -> {
                text("\\u00");
                put((char) HEX[c >> 4]);
                put((char) HEX[c & 15]);
            }
        }
    }

    /** Writes all that follows without a character of ASCII between, and tells where its last character is. */
    private int encoded(String text, int from) {
        int to = from + 1;
        while (to < text.length() && text.charAt(to) >= 0x80) {
            to++;
        }
        for (byte b : ConfText.encode(text.substring(from, to))) {
            put((char) b);
        }
        return to - 1;
    }

    /** ASCII only. */
    private void text(String ascii) {
        for (int i = 0; i < ascii.length(); i++) {
            put(ascii.charAt(i));
        }
    }

    private void put(char c) {
        if (length == out.length) {
            grow();
        }
        out[length++] = (byte) c;
    }

    private void grow() {
        if (out.length < PIECE) {
            out = Arrays.copyOf(out, 2 * out.length);
        } else {
            full.add(out);
            out = new byte[PIECE];
            length = 0;
        }
    }
}

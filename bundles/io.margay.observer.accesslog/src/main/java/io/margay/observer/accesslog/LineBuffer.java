// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.accesslog;

import io.margay.route.TemplateSink;
import io.netty.util.AsciiString;
import java.util.Arrays;

/**
 * Lines as they will stand in the file. What comes from clients can neither end a line nor leave a JSON string: control
 * characters become {@code \xHH} in text and what JSON has for them in an object. One thread at a time.
 */
final class LineBuffer implements TemplateSink {
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'};
    /** Bytes of the longest escape sequence of JSON. */
    private static final int LONGEST = 6;
    private static final int FIRST = 4096;

    private byte[] bytes = new byte[FIRST];
    private int end;
    private int lines;
    private boolean json;

    /** Number of bytes. */
    int size() {
        return end;
    }

    /** The bytes, of which {@link #size()} count. */
    byte[] array() {
        return bytes;
    }

    int capacity() {
        return bytes.length;
    }

    /** Number of lines that were {@linkplain #lineDone ended}. */
    int lines() {
        return lines;
    }

    void clear() {
        end = 0;
        lines = 0;
    }

    /** Forgets what was written behind a place: a line that could not be finished. */
    void cut(int size) {
        end = size;
    }

    void lineDone() {
        lines++;
    }

    byte[] copy() {
        return Arrays.copyOf(bytes, end);
    }

    /** Whether values become parts of JSON strings from now on. */
    void escape(boolean asJson) {
        json = asJson;
    }

    private void room(int more) {
        if (bytes.length - end < more) {
            bytes = Arrays.copyOf(bytes, Math.max(end + more, 2 * bytes.length));
        }
    }

    /** Takes bytes as they are. */
    void text(byte[] text) {
        room(text.length);
        System.arraycopy(text, 0, bytes, end, text.length);
        end += text.length;
    }

    @Override
    public void literal(AsciiString text) {
        if (json) {
            json(text.array(), text.arrayOffset(), text.length());
        } else {
            raw(text.array(), text.arrayOffset(), text.length());
        }
    }

    private void raw(byte[] a, int start, int length) {
        room(length);
        System.arraycopy(a, start, bytes, end, length);
        end += length;
    }

    @Override
    public void put(byte[] a, int start, int length) {
        if (json) {
            json(a, start, length);
            return;
        }
        int from = start;
        for (int i = start; i < start + length; i++) {
            byte c = a[i];
            if (c >= 0 && c < ' ' && c != '\t' || c == 0x7f) {
                raw(a, from, i - from);
                from = i + 1;
                room(LONGEST);
                bytes[end++] = '\\';
                bytes[end++] = 'x';
                hex(c);
            }
        }
        raw(a, from, start + length - from);
    }

    /**
     * Takes the content of a JSON string. That is UTF-8 (RFC 8259 §8.1), whatever clients send: a byte that is none
     * becomes the character of its number.
     */
    void json(byte[] a, int start, int length) {
        int from = start;
        int end = start + length;
        for (int i = start; i < end; i++) {
            byte c = a[i];
            if (c < 0) {
                int size = Utf8.size(a, i, end);
                if (size > 0) {
                    i += size - 1;
                    continue;
                }
            } else if (c >= ' ' && c != '"' && c != '\\') {
                continue;
            }
            raw(a, from, i - from);
            from = i + 1;
            room(LONGEST);
            escaped(c);
        }
        raw(a, from, end - from);
    }

    private void escaped(byte c) {
        char letter = switch (c) {
            case '\n' -> 'n';
            case '\r' -> 'r';
            case '\t' -> 't';
            case '\b' -> 'b';
            case '\f' -> 'f';
            case '"', '\\' -> (char) c;
            default -> 'u';
        };
        bytes[end++] = '\\';
        bytes[end++] = (byte) letter;
        if (letter == 'u') {
            bytes[end++] = '0';
            bytes[end++] = '0';
            hex(c);
        }
    }

    private void hex(byte c) {
        bytes[end++] = HEX[c >> 4 & 15];
        bytes[end++] = HEX[c & 15];
    }

    @Override
    public void digits(long value, int least) {
        int count = 1;
        for (long rest = value / 10; rest > 0; rest /= 10) {
            count++;
        }
        count = Math.max(count, least);
        room(count);
        long rest = value;
        for (int i = end + count - 1; i >= end; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        end += count;
    }

    @Override
    public void absent() {
        room(1);
        bytes[end++] = '-';
    }
}

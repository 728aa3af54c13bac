// SPDX-License-Identifier: Apache-2.0
package io.margay.log;

import io.margay.posix.Processes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;

/** Builds log lines in a buffer of one thread. */
final class LineFormat {
    /** The longest line, its newline included. */
    static final int MAX = 2048;

    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    private static final int WIDEST_ESCAPE = 4;

    // A race computes the same text twice.
    private static volatile Stamp stamp = new Stamp(Long.MIN_VALUE, new byte[0]);

    private final byte[] line = new byte[MAX];
    private final byte[] thread = ("#" + Processes.threadId() + " ").getBytes(StandardCharsets.US_ASCII);
    private int length;

    private record Stamp(long second, byte[] text) {
    }

    /** Fills {@code target}, of at least {@link #MAX} bytes, with one line; returns its length. */
    int format(MemorySegment target, long second, Level level, int pid, String text) {
        length = 0;
        put(stampOf(second));
        put(" [" + level.text() + "] " + pid);
        put(thread);
        escape(text.getBytes(StandardCharsets.UTF_8));
        line[length++] = '\n';
        MemorySegment.copy(line, 0, target, ValueLayout.JAVA_BYTE, 0, length);
        return length;
    }

    /** Control characters are written as {@code \xHH}, so that no text can end its line and forge another. */
    private void escape(byte[] text) {
        int cut = length;
        for (int i = 0; i < text.length; i++) {
            int c = text[i] & 0xFF;
            // A cut must not leave half a character: remember where the last one began.
            if ((c & 0xC0) != 0x80) {
                cut = length;
            }
            boolean control = c < ' ' || c == 0x7F || isC1(text, i);
            if (length + (control ? WIDEST_ESCAPE : 1) > MAX - 1) {
                length = (c & 0xC0) == 0x80 ? cut : length;
                return;
            }
            if (control) {
                line[length++] = '\\';
                line[length++] = 'x';
                line[length++] = HEX[c >> 4];
                line[length++] = HEX[c & 0xF];
            } else {
                line[length++] = (byte) c;
            }
        }
    }

    /** U+0080 to U+009F, control characters of terminals, are C2 80 to C2 9F. */
    private static boolean isC1(byte[] text, int at) {
        int c = text[at] & 0xFF;
        if (c == 0xC2) {
            return at + 1 < text.length && (text[at + 1] & 0xFF) < 0xA0;
        }
        return at > 0 && (text[at - 1] & 0xFF) == 0xC2 && c < 0xA0;
    }

    private void put(String text) {
        put(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void put(byte[] text) {
        System.arraycopy(text, 0, line, length, text.length);
        length += text.length;
    }

    private static byte[] stampOf(long second) {
        Stamp last = stamp;
        if (last.second != second) {
            LocalDateTime time = LocalDateTime.ofInstant(Instant.ofEpochSecond(second), ZoneId.systemDefault());
            last = new Stamp(second, text(time).getBytes(StandardCharsets.US_ASCII));
            stamp = last;
        }
        return last.text;
    }

    private static String text(LocalDateTime time) {
        StringBuilder text = new StringBuilder(19);
        two(text.append(time.getYear()).append('/'), time.getMonthValue()).append('/');
        two(text, time.getDayOfMonth()).append(' ');
        two(text, time.getHour()).append(':');
        two(text, time.getMinute()).append(':');
        return two(text, time.getSecond()).toString();
    }

    private static StringBuilder two(StringBuilder text, int number) {
        return text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
    }
}

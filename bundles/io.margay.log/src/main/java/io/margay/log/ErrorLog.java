// SPDX-License-Identifier: Apache-2.0
package io.margay.log;

import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;

/**
 * Writes lines {@code 2024/01/31 12:00:00 [info] 1234#1235 text} of at most 2048 bytes ({@code spec/processes.md
 * §18}), each by one write(2), so that lines of several processes in one file do not mix. Safe for all threads; a
 * write to a slow disk may block.
 *
 * <p>The threshold is {@code info}, or what the environment variable {@value #LEVEL} says.
 */
public final class ErrorLog {

    /** The variable with the least important level that is written. */
    public static final String LEVEL = "MARGAY_LOG_LEVEL";

    private static final int STDERR = 2;
    private static final int MAX_LINE = 2048;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu/MM/dd HH:mm:ss");
    private static final ErrorLog SHARED = new ErrorLog(STDERR,
        Level.of(System.getenv().getOrDefault(LEVEL, "")).orElse(Level.INFO));

    /** A second and its text, replaced together. */
    private record Stamp(long second, String text) {
    }

    private final int descriptor;
    private final ZoneId zone = ZoneId.systemDefault();
    private final int pid = Processes.pid();
    private final ThreadLocal<Integer> thread = ThreadLocal.withInitial(Processes::threadId);
    private volatile Level threshold;
    private volatile Stamp stamp = new Stamp(Long.MIN_VALUE, "");

    ErrorLog(int descriptor, Level threshold) {
        this.descriptor = descriptor;
        this.threshold = threshold;
    }

    /** The log of this process, on descriptor 2: whoever changes the file puts another one there. */
    public static ErrorLog shared() {
        return SHARED;
    }

    /** Writes lines of this level and of more important ones. */
    public void threshold(Level level) {
        threshold = level;
    }

    /** Whether lines of a level are written; saves making one that is not. */
    public boolean writes(Level level) {
        return level.compareTo(threshold) <= 0;
    }

    /** {@link Level#ALERT}. */
    public void alert(String text) {
        write(Level.ALERT, text);
    }

    /** {@link Level#ERROR}. */
    public void error(String text) {
        write(Level.ERROR, text);
    }

    /** {@link Level#WARN}. */
    public void warn(String text) {
        write(Level.WARN, text);
    }

    /** {@link Level#NOTICE}. */
    public void notice(String text) {
        write(Level.NOTICE, text);
    }

    /** {@link Level#INFO}. */
    public void info(String text) {
        write(Level.INFO, text);
    }

    /** {@link Level#DEBUG}; a text of several lines becomes several lines. */
    public void debug(String text) {
        if (writes(Level.DEBUG)) {
            text.lines().forEach(line -> write(Level.DEBUG, line));
        }
    }

    /** Writes a fault of the server itself, with its stack. */
    public void failure(Throwable fault) {
        StringWriter stack = new StringWriter();
        fault.printStackTrace(new PrintWriter(stack));
        stack.toString().lines().forEach(this::alert);
    }

    /** Writes a line. */
    public void write(Level level, String text) {
        if (!writes(level)) {
            return;
        }
        String line = now() + " [" + level.word() + "] " + pid + "#" + thread.get() + " ";
        byte[] bytes = bytes(line, text);
        try {
            Files.writeAll(descriptor, bytes);
        } catch (PosixException e) {
            // A log that cannot be written has no other place to complain.
            return;
        }
    }

    private String now() {
        long second = System.currentTimeMillis() / 1000;
        Stamp last = stamp;
        if (last.second() != second) {
            last = new Stamp(second, TIME.format(Instant.ofEpochSecond(second).atZone(zone)));
            stamp = last;
        }
        return last.text();
    }

    /** Control characters may come from a client; written as they are they could look like another line. */
    private static byte[] bytes(String head, String text) {
        StringBuilder line = new StringBuilder(head.length() + text.length() + 1).append(head);
        for (int i = 0; i < text.length() && line.length() < MAX_LINE; i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c != 0x7f || c == '\t') {
                line.append(c);
            } else {
                line.append(String.format("\\x%02X", (int) c));
            }
        }
        byte[] bytes = line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_LINE) {
            bytes = Arrays.copyOf(bytes, MAX_LINE);
            bytes[MAX_LINE - 1] = '\n';
        }
        return bytes;
    }
}

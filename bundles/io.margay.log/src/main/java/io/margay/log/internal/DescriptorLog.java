// SPDX-License-Identifier: Apache-2.0
package io.margay.log.internal;

import io.margay.log.ErrorLog;
import io.margay.log.Level;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Writes lines {@code 2024/01/31 12:00:00 [info] 1234#1235 text} of at most 2048 bytes ({@code spec/processes.md
 * §18}), each by one write(2), so that lines of several processes in one file do not mix.
 */
@Component(service = ErrorLog.class)
public final class DescriptorLog implements ErrorLog {

    private static final int STDERR = 2;
    private static final int MAX_LINE = 2048;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu/MM/dd HH:mm:ss");

    /** A second and its text, replaced together. */
    private record Stamp(long second, String text) {
    }

    private final int descriptor;
    private final Level threshold;
    private final ZoneId zone = ZoneId.systemDefault();
    private final int pid = Processes.pid();
    private final ThreadLocal<Integer> thread = ThreadLocal.withInitial(Processes::threadId);
    private volatile Stamp stamp = new Stamp(Long.MIN_VALUE, "");

    /** The log of this process. */
    @Activate
    public DescriptorLog() {
        this(STDERR, Level.of(System.getenv().getOrDefault(LEVEL, "")).orElse(Level.INFO));
    }

    /** A log on an open descriptor. */
    public DescriptorLog(int descriptor, Level threshold) {
        this.descriptor = descriptor;
        this.threshold = threshold;
    }

    @Override
    public boolean writes(Level level) {
        return level.compareTo(threshold) <= 0;
    }

    @Override
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

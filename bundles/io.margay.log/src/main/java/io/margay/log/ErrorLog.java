// SPDX-License-Identifier: Apache-2.0
package io.margay.log;

import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The error log: one event is one line of at most 2048 bytes and one write, from any thread.
 *
 * <p>{@code 2024/01/31 12:00:00 [info] 1234#1235 text}, local time, process and kernel thread
 * (spec/processes.md §18). Control characters of the text become {@code \xHH}. A line that cannot be written is
 * counted and lost, since there is no better place to tell of it; logging never throws.
 */
public final class ErrorLog {
    private static final int STANDARD_ERROR = 2;

    private final int fd;
    private final LongSupplier seconds;
    private final int pid = Processes.pid();
    private final ThreadLocal<Buffer> buffers = ThreadLocal.withInitial(Buffer::new);
    private final AtomicLong lost = new AtomicLong();
    private volatile Level threshold = Level.INFO;

    /** A log on another descriptor and clock, for tests. */
    ErrorLog(int fd, LongSupplier seconds) {
        this.fd = fd;
        this.seconds = seconds;
    }

    /** The log of this process, on descriptor 2. */
    public static ErrorLog shared() {
        return Holder.SHARED;
    }

    /** The words of a system error after a text: {@code (2: No such file or directory)}, as in {@code failed %E}. */
    public static String describe(int errno) {
        return PosixException.describe(errno);
    }

    /** Writes at level alert. */
    public void alert(String text) {
        write(Level.ALERT, text);
    }

    /** Writes at level error. */
    public void error(String text) {
        write(Level.ERROR, text);
    }

    /** Writes at level warn. */
    public void warn(String text) {
        write(Level.WARN, text);
    }

    /** Writes at level notice. */
    public void notice(String text) {
        write(Level.NOTICE, text);
    }

    /** Writes at level info. */
    public void info(String text) {
        write(Level.INFO, text);
    }

    /** Writes at level debug, which the threshold suppresses unless it is lowered. */
    public void debug(String text) {
        write(Level.DEBUG, text);
    }

    /** Writes at a level. */
    public void write(Level level, String text) {
        if (!isEnabled(level)) {
            return;
        }
        Buffer buffer = buffers.get();
        int length = buffer.format.format(buffer.memory, seconds.getAsLong(), level, pid, text);
        try {
            if (Files.write(fd, buffer.memory, 0, length) < length) {
                lost.incrementAndGet();
            }
        } catch (PosixException failure) {
            // A full disk or a closed pipe must not stop the server.
            lost.incrementAndGet();
        }
    }

    /** Whether lines of the level are written, so that costly texts need not be built. */
    public boolean isEnabled(Level level) {
        return level.compareTo(threshold) <= 0;
    }

    /** Lines that could not be written whole since the start. */
    public long lost() {
        return lost.get();
    }

    /** The least grave level that is written; at first {@link Level#INFO}. */
    public void threshold(Level level) {
        threshold = level;
    }

    /**
     * Goes on in another file: rotation of the log. The descriptor stays the caller's and may be closed.
     *
     * @throws PosixException when it is not open; the log stays as it was
     */
    public void redirect(Fd file) {
        Descriptors.duplicateTo(file.number(), fd);
    }

    /** Memory of one thread. */
    private static final class Buffer {
        private final MemorySegment memory = Arena.ofAuto().allocate(LineFormat.MAX);
        private final LineFormat format = new LineFormat();
    }

    private static final class Holder {
        static final ErrorLog SHARED =
            new ErrorLog(STANDARD_ERROR, () -> System.currentTimeMillis() / 1000);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.accesslog;

import io.margay.log.ErrorLog;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Writes lines to one file on a thread of its own, whole lines at a time. What waits is bounded: more is thrown away
 * and counted, since no request may wait for a disk. The log is told once when lines begin to get lost and once when
 * that is over. Safe for all threads.
 */
final class LogWriter {
    /** Bytes that may wait. */
    static final int MOST = 4 << 20;

    private static final int SPARE = 16;
    /** A buffer that was larger is left to the collector. */
    private static final int LARGE = 128 * 1024;
    private static final int PART = 64 * 1024;
    /** Between two tries to write to a pipe that is full. */
    private static final long PAUSE_MILLIS = 20;
    /** How long a pipe that is full may keep the last lines from being written. */
    private static final long LAST_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final byte[] LINE_END = {'\n'};

    private final String path;
    private final ErrorLog log;
    private final Growth growth;
    private final Deque<LineBuffer> waiting = new ArrayDeque<>();
    private final Deque<LineBuffer> spare = new ArrayDeque<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private Fd file;
    private Optional<Fd> next = Optional.empty();
    private long bytes;
    private long written;
    private long lost;
    private boolean closing;
    private long deadline;
    private Thread thread;
    // Of the thread.
    private long reported;
    private boolean losing;
    private boolean torn;

    /**
     * Takes over an open file.
     *
     * @param path its name, for the log
     * @param log is told of what is lost
     * @param growth is told of what is written
     */
    LogWriter(Fd file, String path, ErrorLog log, Growth growth) {
        this.growth = growth;
        this.file = file;
        this.path = path;
        this.log = log;
    }

    /**
     * Takes the lines of a buffer.
     *
     * @return an empty buffer to go on with
     */
    LineBuffer take(LineBuffer lines) {
        synchronized (waiting) {
            if (bytes + lines.size() > MOST || closing) {
                lost += lines.lines();
                lines.clear();
                return lines;
            }
            waiting.add(lines);
            bytes += lines.size();
            if (thread == null) {
                thread = Thread.ofPlatform().daemon().name("access-log").start(this::run);
            }
            waiting.notifyAll();
            LineBuffer empty = spare.poll();
            return empty == null ? new LineBuffer() : empty;
        }
    }

    /** Goes on with another file of the same name; lines that wait go to the old one or the new one. */
    void replace(Fd opened) {
        synchronized (waiting) {
            next.ifPresent(Fd::close);
            next = Optional.of(opened);
            if (thread == null) {
                change();
            } else {
                waiting.notifyAll();
            }
        }
    }

    /** Writes what waits and closes the file; nothing is taken any more. Completes on the thread of the writer. */
    CompletionStage<Void> close() {
        synchronized (waiting) {
            closing = true;
            deadline = System.nanoTime() + LAST_NANOS;
            if (thread == null) {
                end();
            }
            waiting.notifyAll();
        }
        return ended;
    }

    /** Lines that are in the file. */
    long written() {
        synchronized (waiting) {
            return written;
        }
    }

    /** Lines that were thrown away, or that the file did not take. */
    long lost() {
        synchronized (waiting) {
            return lost;
        }
    }

    /** Bytes that wait. */
    long waiting() {
        synchronized (waiting) {
            return bytes;
        }
    }

    private void run() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment part = arena.allocate(PART);
            Optional<LineBuffer> lines = await();
            while (lines.isPresent()) {
                long count = lines.get().size();
                boolean good = write(lines.get(), part);
                done(lines.get(), good);
                if (good) {
                    growth.wrote(file, count);
                    tell();
                }
                lines = await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            synchronized (waiting) {
                closing = true;
                end();
            }
        }
    }

    /** The next lines; empty when there are none and will be none. */
    private Optional<LineBuffer> await() throws InterruptedException {
        synchronized (waiting) {
            while (true) {
                change();
                if (!waiting.isEmpty()) {
                    return Optional.of(waiting.peek());
                }
                if (closing) {
                    return Optional.empty();
                }
                waiting.wait();
            }
        }
    }

    private void change() {
        if (next.isPresent()) {
            file.close();
            file = next.get();
            next = Optional.empty();
            torn = false;
            growth.renewed();
        }
    }

    private void end() {
        file.close();
        next.ifPresent(Fd::close);
        next = Optional.empty();
        ended.complete(null);
    }

    private void done(LineBuffer lines, boolean good) {
        synchronized (waiting) {
            waiting.remove();
            bytes -= lines.size();
            if (good) {
                written += lines.lines();
            } else {
                lost += lines.lines();
            }
            lines.clear();
            if (spare.size() < SPARE && lines.capacity() <= LARGE) {
                spare.add(lines);
            }
        }
    }

    /** Whether all of it is in the file. */
    private boolean write(LineBuffer lines, MemorySegment part) throws InterruptedException {
        try {
            if (torn && !write(LINE_END, 1, part)) {
                return false;
            }
            torn = false;
            return write(lines.array(), lines.size(), part);
        } catch (PosixException e) {
            begin("write to the access log \"" + path + "\" failed: " + e.getMessage());
            return false;
        }
    }

    private boolean write(byte[] a, int size, MemorySegment part) throws InterruptedException {
        int at = 0;
        while (at < size) {
            int length = lineEnd(a, at, size);
            MemorySegment.copy(a, at, part, ValueLayout.JAVA_BYTE, 0, length);
            int put = 0;
            while (put < length) {
                int count = Files.write(file.number(), part, put, length - put);
                if (count > 0) {
                    put += count;
                    torn = part.get(ValueLayout.JAVA_BYTE, put - 1) != '\n';
                } else if (!pause()) {
                    return false;
                }
            }
            at += length;
        }
        return true;
    }

    /** As many whole lines as fit into one write, or a part of one that does not fit. */
    private static int lineEnd(byte[] a, int from, int size) {
        int most = Math.min(size - from, PART);
        for (int i = from + most - 1; i >= from; i--) {
            if (a[i] == '\n') {
                return i - from + 1;
            }
        }
        return most;
    }

    /** A pipe is full. Waits; false when it is given up. */
    private boolean pause() throws InterruptedException {
        boolean dropping;
        synchronized (waiting) {
            if (closing && System.nanoTime() - deadline >= 0) {
                return false;
            }
            dropping = lost > reported;
            waiting.wait(PAUSE_MILLIS);
        }
        if (dropping) {
            begin("the access log \"" + path + "\" takes no more lines at present");
        }
        return true;
    }

    private void begin(String reason) {
        if (!losing) {
            losing = true;
            log.error(reason + "; lines are left out");
        }
    }

    /** Says how many lines are missing once all that was waiting is written. */
    private void tell() {
        long missing;
        synchronized (waiting) {
            missing = waiting.isEmpty() ? lost - reported : 0;
        }
        if (missing > 0) {
            reported += missing;
            losing = false;
            log.error(missing + " lines are missing in the access log \"" + path + "\"");
        }
    }
}

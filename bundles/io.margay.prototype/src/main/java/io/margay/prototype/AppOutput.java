// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.engine.EventLoop;
import io.margay.engine.Timer;
import io.margay.engine.Watch;
import io.margay.log.ErrorLog;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * Standard error of one application on its way to the log: through a pipe that main reads, so that an application that
 * writes without end cannot fill the disk. What is above the rate is dropped, and a line says how much. Lines stay
 * whole as far as they come whole. Lives until the last process that has the other end is gone. On main's loop.
 */
final class AppOutput {

    private static final int CHUNK = 64 << 10;
    /** Chunks before other things on the loop get their turn. */
    private static final int CHUNKS = 8;
    /** What a pipe holds at most, if it was not made larger than is usual: who goes on to write is not waited for. */
    private static final int LAST_CHUNKS = 16;
    private static final long PARTIAL_MILLIS = 100;
    private static final long SECOND = 1_000_000_000L;

    private final EventLoop loop;
    private final String name;
    private final long rate;
    private final int target;
    private final ErrorLog journal;
    private final Fd source;
    private final Watch watch;
    private final Set<AppOutput> open;
    private byte[] partial = new byte[0];
    private Optional<Timer> flush = Optional.empty();
    private Optional<Timer> report = Optional.empty();
    private long tokens;
    private long filled = System.nanoTime();
    private long dropped;

    private AppOutput(EventLoop loop, String name, long rate, int target, ErrorLog journal, Set<AppOutput> open,
            Fd source) {
        this.loop = loop;
        this.name = name;
        this.rate = rate;
        this.target = target;
        this.journal = journal;
        this.source = source;
        this.open = open;
        this.tokens = rate;
        this.watch = loop.watch(source.number(), (readable, writable, hangup) -> read(), true, false);
    }

    /**
     * Opens the way.
     *
     * @param name of the application, for the line about what was dropped
     * @param rate bytes a second, as many of which may come at once
     * @param target descriptor of the log
     * @param open those that live; it joins and leaves them
     * @param source the end of a pipe to read from; taken over
     */
    static AppOutput open(EventLoop loop, String name, long rate, int target, ErrorLog journal, Set<AppOutput> open,
            Fd source) {
        AppOutput output = new AppOutput(loop, name, rate, target, journal, open, source);
        open.add(output);
        return output;
    }

    /** Passes on what is there already, as lines: one of the processes has ended, and that is about to be told. */
    void drain() {
        if (open.contains(this)) {
            read(LAST_CHUNKS);
            if (partial.length > 0) {
                partial = join(partial, new byte[] {'\n'});
            }
            flushNow();
        }
    }

    private void read() {
        read(CHUNKS);
    }

    private void read(int chunks) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(CHUNK);
            for (int i = 0; i < chunks; i++) {
                int length = Files.read(source.number(), buffer, 0, CHUNK);
                if (length < 0) {
                    return;
                }
                if (length == 0) {
                    end();
                    return;
                }
                take(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
            }
        } catch (PosixException e) {
            journal.alert("the output of " + name + " cannot be read: " + e.getMessage());
            end();
        }
    }

    /** Reads no more. */
    void end() {
        open.remove(this);
        watch.cancel();
        source.close();
        flushNow();
        reportNow();
    }

    private void take(byte[] bytes) {
        byte[] all = partial.length == 0 ? bytes : join(partial, bytes);
        int lines = all.length;
        while (lines > 0 && all[lines - 1] != '\n') {
            lines--;
        }
        if (lines == 0 && all.length >= CHUNK) {
            lines = all.length;
        }
        partial = Arrays.copyOfRange(all, lines, all.length);
        pass(all, lines);
        flush.ifPresent(Timer::cancel);
        flush = partial.length == 0 ? Optional.empty()
            : Optional.of(loop.schedule(PARTIAL_MILLIS, this::flushNow));
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    private void flushNow() {
        flush.ifPresent(Timer::cancel);
        flush = Optional.empty();
        pass(partial, partial.length);
        partial = new byte[0];
    }

    private void pass(byte[] bytes, int length) {
        long now = System.nanoTime();
        tokens = Math.min(rate, tokens + (long) ((double) (now - filled) / SECOND * rate));
        filled = now;
        int allowed = (int) Math.min(length, tokens);
        while (allowed > 0 && allowed < length && bytes[allowed - 1] != '\n') {
            allowed--;
        }
        tokens -= allowed;
        if (allowed > 0) {
            Files.writeAll(target, allowed == bytes.length ? bytes : Arrays.copyOf(bytes, allowed));
        }
        if (allowed < length) {
            dropped += length - allowed;
            if (report.isEmpty()) {
                report = Optional.of(loop.schedule(SECOND / 1_000_000, this::reportNow));
            }
        }
    }

    private void reportNow() {
        report.ifPresent(Timer::cancel);
        report = Optional.empty();
        if (dropped > 0) {
            journal.warn(dropped + " bytes that " + name + " wrote to standard error were dropped, it may write "
                + rate + " a second");
            dropped = 0;
        }
    }
}

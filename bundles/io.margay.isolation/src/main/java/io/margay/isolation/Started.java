// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A start under way. For one thread.
 *
 * <p>Keep {@link #report} open and call {@link #advance} when it is readable, until the journey is over: the process
 * takes a closed reader for the death of main.
 */
public final class Started implements AutoCloseable {

    private static final int CHUNK = 256;

    private final int pid;
    private final boolean clones;
    private final Fd report;
    private final Journey journey;

    Started(int pid, boolean clones, Fd report, CallTable table) {
        this.pid = pid;
        this.clones = clones;
        this.report = report;
        journey = new Journey(table);
    }

    /** The process that was spawned, a child of ours that somebody has to wait for. */
    public int pid() {
        return pid;
    }

    /**
     * Whether that process only makes another one and ends, with status 0 when it could. The other is our child too;
     * its pid is known from the kernel's credentials of its PROCESS_CREATED message.
     */
    public boolean clones() {
        return clones;
    }

    /** Readable when {@link #advance} has something to do. Not to be read by others. */
    public Fd report() {
        return report;
    }

    /** What is known of the start. */
    public Journey journey() {
        return journey;
    }

    /** Takes in what was reported; never waits. Returns whether the journey is over. */
    public boolean advance() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(CHUNK);
            while (!journey.over()) {
                int length = Files.read(report.number(), buffer, 0, CHUNK);
                if (length < 0) {
                    return false;
                }
                if (length == 0) {
                    journey.end();
                } else {
                    journey.add(buffer.asSlice(0, length).asByteBuffer());
                }
            }
        }
        return true;
    }

    /** Waits for the end of the journey, for tools and start-up. Returns false when the time is over first. */
    public boolean await(int millis) {
        long deadline = System.nanoTime() + millis * 1_000_000L;
        while (!advance()) {
            long left = (deadline - System.nanoTime()) / 1_000_000L;
            if (left <= 0 || Descriptors.poll(report.number(), Descriptors.POLLIN, (int) left) == 0) {
                return advance();
            }
        }
        return true;
    }

    /** Closes the report; the process is not touched. */
    @Override
    public void close() {
        report.close();
    }
}

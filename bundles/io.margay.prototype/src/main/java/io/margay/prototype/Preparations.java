// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.engine.EventLoop;
import io.margay.isolation.Identity;
import io.margay.isolation.Runner;
import io.margay.lang.PreparedContent;
import io.margay.log.ErrorLog;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.process.Reaper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/**
 * Makes what languages want to have prepared, one thing after the other, in processes of the lowest priority that have
 * the ids of the unprivileged processes; each once in the life of a server, whether it succeeds or not. Used on main's
 * loop; a thread of its own waits for the disk.
 */
public final class Preparations implements AutoCloseable {

    /** What makes files; they stay the server's. */
    record Means(EventLoop loop, Runner runner, Reaper reaper, Optional<Identity> identity, ErrorLog journal) {
    }

    private static final int MOST_NAMES = 64;
    private static final long MILLION = 1_000_000;

    private final Means means;
    private final PreparedFiles files;
    private final Set<String> begun = new HashSet<>();
    private final Queue<PreparedContent> waiting = new ArrayDeque<>();
    private Optional<PreparationRun> running = Optional.empty();
    private boolean busy;
    private boolean closed;

    /**
     * Prepares for one server.
     *
     * @param loop main's loop
     * @param runner starts the processes
     * @param reaper waits for them
     * @param identity whose ids they take; empty when the server itself has no privileges
     * @param directory where the files are kept; made when the first is
     * @param journal takes what was made and what was not
     */
    public Preparations(EventLoop loop, Runner runner, Reaper reaper, Optional<Identity> identity, Path directory,
            ErrorLog journal) {
        this.means = new Means(loop, runner, reaper, identity, journal);
        this.files = new PreparedFiles(directory);
    }

    /** The file, if it is there, for the caller to close. */
    Optional<Fd> open(PreparedContent what) {
        return files.open(what.name());
    }

    /** Makes it when it is its turn; returns at once. */
    void make(PreparedContent what) {
        if (!closed && begun.size() < MOST_NAMES && begun.add(what.name())) {
            waiting.add(what);
            next();
        }
    }

    private void next() {
        if (closed || busy || waiting.isEmpty()) {
            return;
        }
        PreparedContent what = waiting.remove();
        busy = true;
        long begin = System.nanoTime();
        try {
            PreparationRun run = new PreparationRun(means, what,
                (memory, fault) -> made(what, memory, fault, begin));
            running = Optional.of(run);
            run.start();
        } catch (PosixException | IllegalStateException e) {
            over(what, e.getMessage());
        }
    }

    private void made(PreparedContent what, Optional<Fd> memory, String fault, long begin) {
        running = Optional.empty();
        if (memory.isEmpty()) {
            over(what, fault);
            return;
        }
        Thread.ofPlatform().daemon().name("prepared").start(() -> {
            String failure = store(what, memory.get());
            means.loop().execute(() -> {
                if (failure.isEmpty()) {
                    means.journal().info(what.name() + " was prepared in "
                        + (System.nanoTime() - begin) / MILLION + " ms");
                }
                over(what, failure);
            });
        });
    }

    private String store(PreparedContent what, Fd memory) {
        try (memory) {
            files.store(what.name(), memory);
            return "";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** An application works without, so it is no more than an information. */
    private void over(PreparedContent what, String fault) {
        running = Optional.empty();
        if (!fault.isEmpty() && !closed) {
            means.journal().info(what.name() + " was not prepared, processes start without it: " + fault);
        }
        busy = false;
        next();
    }

    /** Ends what is under way, and begins nothing any more. */
    @Override
    public void close() {
        closed = true;
        running.ifPresent(PreparationRun::end);
    }
}

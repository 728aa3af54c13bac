// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import io.margay.posix.Errno;
import io.margay.posix.Exit;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import java.util.function.Consumer;

/** Reaps one child when it ends. Waits for that child only, since any other may have another owner in this JVM. */
public final class ChildWatch implements AutoCloseable {
    /** The code of a child that somebody else reaped: how it ended cannot be known. */
    public static final int UNKNOWN = -1;

    private final ProcessWatch watch;

    private ChildWatch(ProcessWatch watch) {
        this.watch = watch;
    }

    /**
     * Begins to watch.
     *
     * @param ended runs once on the loop, after the child was reaped
     */
    public static ChildWatch of(EventLoop loop, int pid, Consumer<Exit> ended) {
        return new ChildWatch(ProcessWatch.of(loop, pid, () -> ended.accept(reap(pid))));
    }

    /** Stops watching; a child that ends later must be reaped by others. */
    @Override
    public void close() {
        watch.close();
    }

    private static Exit reap(int pid) {
        try {
            // A readable pidfd means that the whole process is a zombie, so this does not wait.
            return Processes.waitFor(pid);
        } catch (PosixException failure) {
            if (failure.errno() == Errno.ECHILD) {
                return new Exit(pid, UNKNOWN, 0, false);
            }
            throw failure;
        }
    }
}

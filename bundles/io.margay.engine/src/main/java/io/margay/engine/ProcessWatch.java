// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import io.margay.posix.Descriptors;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import java.util.concurrent.atomic.AtomicBoolean;

/** Tells once that a process ended, be it our child or not, by pidfd. It reaps nothing. */
public final class ProcessWatch implements AutoCloseable {
    private final AtomicBoolean over = new AtomicBoolean();
    private final Runnable ended;
    private final EventLoop loop;
    private Fd pidfd;
    private Watch watch;

    private ProcessWatch(EventLoop loop, Runnable ended) {
        this.loop = loop;
        this.ended = ended;
    }

    /**
     * Begins to watch.
     *
     * @param ended runs once on the loop, soon when there is no such process any more
     */
    public static ProcessWatch of(EventLoop loop, int pid, Runnable ended) {
        ProcessWatch made = new ProcessWatch(loop, ended);
        made.open(pid);
        return made;
    }

    /** Stops watching; {@code ended} does not run any more when this is called on the loop. */
    @Override
    public void close() {
        if (over.compareAndSet(false, true)) {
            release();
        }
    }

    private void open(int pid) {
        try {
            pidfd = Processes.pidfdOpen(pid);
        } catch (PosixException failure) {
            if (failure.errno() != Errno.ESRCH) {
                throw failure;
            }
            loop.execute(this::finish);
            return;
        }
        try {
            // Registered without interest first: the event must not come before the field is set.
            watch = loop.watch(pidfd.number(), (readable, writable, hangup) -> ready(readable), false, false);
        } catch (RuntimeException failure) {
            pidfd.close();
            throw failure;
        }
        if (loop.inLoop()) {
            watch.interest(true, false);
        } else {
            loop.execute(() -> watch.interest(true, false));
        }
    }

    private void ready(boolean readable) {
        // An event may be spurious, and whoever is told waits for the process without a deadline.
        if (readable && pidfd.isOpen() && Descriptors.poll(pidfd.number(), Descriptors.POLLIN, 0) != 0) {
            finish();
        }
    }

    private void finish() {
        if (over.compareAndSet(false, true)) {
            release();
            ended.run();
        }
    }

    private void release() {
        if (watch != null) {
            watch.cancel();
            pidfd.close();
        }
    }
}

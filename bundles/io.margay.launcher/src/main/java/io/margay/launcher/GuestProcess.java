// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.engine.EventLoop;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.process.HostProcess;
import java.util.function.IntConsumer;

/** The JVM of somebody else, of which nothing is changed. */
final class GuestProcess implements HostProcess, AutoCloseable {
    /** Until the log is open it is what the container's standard error is. */
    private final Fd log = Descriptors.duplicate(STANDARD_ERROR, STANDARD_ERROR + 1);

    @Override
    public boolean ours() {
        return false;
    }

    @Override
    public void title(String title) {
        // It stays the container's.
    }

    @Override
    public AutoCloseable signals(EventLoop loop, IntConsumer handler, int... signals) {
        return () -> { };
    }

    @Override
    public int log() {
        return log.number();
    }

    @Override
    public void close() {
        log.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.engine.EventLoop;
import io.margay.engine.SignalWatch;
import io.margay.posix.Processes;
import io.margay.process.HostProcess;
import java.util.function.IntConsumer;

/** A JVM that is ours alone; its signals were blocked before it started. */
final class OwnProcess implements HostProcess {
    @Override
    public boolean ours() {
        return true;
    }

    @Override
    public void title(String title) {
        Processes.title(title);
    }

    @Override
    public AutoCloseable signals(EventLoop loop, IntConsumer handler, int... signals) {
        return SignalWatch.of(loop, handler, signals);
    }

    @Override
    public int log() {
        return STANDARD_ERROR;
    }
}

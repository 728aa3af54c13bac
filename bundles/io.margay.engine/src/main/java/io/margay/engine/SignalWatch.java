// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import io.margay.posix.Fd;
import io.margay.posix.Signals;
import java.util.OptionalInt;
import java.util.function.IntConsumer;

/**
 * Delivers signals to a loop by signalfd. The signals must be blocked in every thread of the process, so before the
 * JVM starts: {@code env --block-signal=...}.
 */
public final class SignalWatch implements AutoCloseable {
    private final Fd fd;
    private final IntConsumer handler;
    private final Watch watch;

    private SignalWatch(EventLoop loop, Fd fd, IntConsumer handler) {
        this.fd = fd;
        this.handler = handler;
        this.watch = loop.watch(fd.number(), (readable, writable, hangup) -> drain(), true, false);
    }

    /**
     * Begins to watch.
     *
     * @param handler gets each signal's number on the loop; equal signals that wait together arrive as one
     */
    public static SignalWatch of(EventLoop loop, IntConsumer handler, int... signals) {
        Fd fd = Signals.signalFd(signals);
        try {
            return new SignalWatch(loop, fd, handler);
        } catch (RuntimeException failure) {
            fd.close();
            throw failure;
        }
    }

    @Override
    public void close() {
        watch.cancel();
        fd.close();
    }

    private void drain() {
        while (fd.isOpen()) {
            OptionalInt signal = Signals.read(fd);
            if (signal.isEmpty()) {
                return;
            }
            handler.accept(signal.getAsInt());
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.engine.EventLoop;
import io.margay.engine.Timer;
import io.margay.process.Backoff;
import java.util.Optional;

/**
 * Rests between starts that come to nothing: without it an application that cannot be loaded would be started again
 * with each request, as fast as the machine can. Home loop only.
 */
final class StartPause {

    private static final long FIRST_MILLIS = 100;
    /** Requests wait during a pause when no worker is there, so it must stay bearable. */
    private static final long CAP_MILLIS = 5_000;
    private static final long STABLE_MILLIS = 10_000;
    private static final long NANOS = 1_000_000;

    private final EventLoop loop;
    private final Runnable over;
    private Backoff backoff = fresh();
    /** Whether a start has come to nothing since the last worker that was of use. */
    private volatile boolean failing;
    private volatile boolean ready;
    private long readyAt;
    private Optional<Timer> pause = Optional.empty();

    /**
     * Rests on a loop.
     *
     * @param over called when a pause has ended by itself
     */
    StartPause(EventLoop loop, Runnable over) {
        this.loop = loop;
        this.over = over;
    }

    private static Backoff fresh() {
        return new Backoff(FIRST_MILLIS, CAP_MILLIS);
    }

    /** Whether nothing is to be started now. */
    boolean isOn() {
        return pause.isPresent();
    }

    /** Whether the last start, or several, have come to nothing; any thread. */
    boolean isFailing() {
        return failing && !ready;
    }

    /** A worker became ready. */
    void succeeded() {
        ready = true;
        readyAt = System.nanoTime();
    }

    /** A start failed, or its worker was of no use; the first time nothing happens. */
    void failed() {
        if (isOn()) {
            // It began before the pause.
            return;
        }
        if (ready && (System.nanoTime() - readyAt) / NANOS >= STABLE_MILLIS) {
            failing = false;
        }
        long delay = backoff.died(!failing);
        failing = true;
        ready = false;
        if (delay > 0) {
            pause = Optional.of(loop.schedule(delay, () -> {
                pause = Optional.empty();
                over.run();
            }));
        }
    }

    /** Somebody wants another try now. */
    void forget() {
        backoff = fresh();
        failing = false;
        pause.ifPresent(Timer::cancel);
        pause = Optional.empty();
    }
}

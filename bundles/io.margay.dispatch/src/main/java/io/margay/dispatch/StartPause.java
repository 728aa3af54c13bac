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
        return new Backoff(() -> System.nanoTime() / NANOS, FIRST_MILLIS, CAP_MILLIS, STABLE_MILLIS);
    }

    /** Whether nothing is to be started now. */
    boolean isOn() {
        return pause.isPresent();
    }

    /** A worker became ready. */
    void succeeded() {
        backoff.started();
    }

    /** A start failed, or its worker was of no use; the first time nothing happens. */
    void failed() {
        if (isOn()) {
            // It began before the pause.
            return;
        }
        long delay = backoff.died();
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
        pause.ifPresent(Timer::cancel);
        pause = Optional.empty();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import io.margay.engine.EventLoop;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Tries again to open the listeners that were left out, first after a second, then ever more rarely up to once a
 * minute: whoever has the port may give it back. On the loop.
 */
final class ListenerRetry {

    private static final long FIRST_MILLIS = 1_000;
    private static final long LONGEST_MILLIS = 60_000;

    private final EventLoop loop;
    private final Supplier<CompletionStage<Boolean>> attempt;
    private long delay = FIRST_MILLIS;
    private boolean armed;

    /**
     * Tries on a loop.
     *
     * @param attempt tries; its stage tells whether all listeners are open
     */
    ListenerRetry(EventLoop loop, Supplier<CompletionStage<Boolean>> attempt) {
        this.loop = loop;
        this.attempt = attempt;
    }

    /** Some listeners are left out. */
    void needed() {
        if (!armed) {
            armed = true;
            loop.schedule(delay, this::again);
        }
    }

    private void again() {
        delay = Math.min(LONGEST_MILLIS, delay * 2);
        attempt.get().whenCompleteAsync((open, failure) -> {
            armed = false;
            if (failure == null && open) {
                delay = FIRST_MILLIS;
            } else {
                needed();
            }
        }, loop);
    }
}

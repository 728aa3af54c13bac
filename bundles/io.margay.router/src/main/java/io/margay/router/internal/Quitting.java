// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.engine.EventLoop;
import io.margay.engine.Turns;
import io.margay.log.ErrorLog;
import java.util.concurrent.CompletionStage;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * The graceful end: requests that have begun get their answers, within a time. A change that is on its way is not
 * waited for. On the control loop.
 */
final class Quitting {

    /** The framework property with the time in seconds. */
    static final String PROPERTY = "margay.quit.seconds";

    private static final long DEFAULT_SECONDS = 30;
    private static final long MILLIS = 1000;

    private final EventLoop loop;
    private final long millis;
    private final ErrorLog journal;
    private final IntConsumer exit;
    private boolean begun;
    private boolean leaving;

    Quitting(EventLoop loop, long millis, ErrorLog journal, IntConsumer exit) {
        this.loop = loop;
        this.millis = millis;
        this.journal = journal;
        this.exit = exit;
    }

    /** The time that a property says; what is no number of seconds is no property. */
    static long millis(String property) {
        return millis(property, DEFAULT_SECONDS);
    }

    /** The same with what counts without a property. */
    static long millis(String property, long absent) {
        try {
            return property == null ? absent * MILLIS
                : Math.max(0, Math.min(Long.parseLong(property.strip()), Integer.MAX_VALUE)) * MILLIS;
        } catch (NumberFormatException e) {
            return absent * MILLIS;
        }
    }

    /** Whether the router is leaving. */
    boolean isBegun() {
        return begun || leaving;
    }

    /** Another router has taken the place: no change comes into force any more, but nothing has to end yet. */
    void leave() {
        leaving = true;
    }

    /**
     * Begins, once.
     *
     * @param drain closes the listeners and completes when there is nothing left to do
     * @param turns of changes: none begins any more
     */
    void begin(Supplier<? extends CompletionStage<?>> drain, Turns turns) {
        if (begun) {
            return;
        }
        begun = true;
        turns.hold();
        loop.schedule(millis, () -> {
            journal.warn("requests are cut off that have no answer after " + millis / MILLIS + " seconds");
            exit.accept(0);
        });
        drain.get().whenComplete((done, failure) -> loop.execute(() -> exit.accept(0)));
    }
}

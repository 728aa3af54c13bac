// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * The end of a router whose place another one has taken: it accepts nothing more, each connection ends with its next
 * response, and after a time those that wait for a request end too, and WebSockets are told that the server goes away.
 * On the control loop.
 */
final class Retiring {

    /** The framework property with the time in seconds. */
    static final String PROPERTY = "margay.retire.seconds";

    static final long DEFAULT_SECONDS = 60;

    /** What the router does for it. */
    interface Steps {

        /** Ends accepting; completes when all that was accepted is known to its loop. */
        CompletionStage<Void> stopAccepting();

        /** Completes when there is no connection. */
        CompletionStage<Void> empty();

        /** Ends WebSockets, and connections that wait for a request. */
        void hurry();

        /** Leaves; what has a request still gets the time that it gets at the end of the server. */
        void leave(Supplier<CompletionStage<Void>> last);
    }

    private final EventLoop loop;
    private final Steps steps;
    private final ErrorLog journal;
    private boolean begun;

    Retiring(EventLoop loop, Steps steps, ErrorLog journal) {
        this.loop = loop;
        this.steps = steps;
        this.journal = journal;
    }

    /** Whether another router has taken the place. */
    boolean isBegun() {
        return begun;
    }

    /**
     * Begins, once.
     *
     * @param millis how long connections may last
     */
    void begin(long millis) {
        if (begun) {
            return;
        }
        begun = true;
        CompletionStage<Void> empty = steps.stopAccepting().thenCompose(accepted -> steps.empty());
        empty.thenRunAsync(() -> steps.leave(() -> empty), loop::execute);
        loop.schedule(millis, () -> {
            if (!empty.toCompletableFuture().isDone()) {
                journal.info("connections are ended that are left after " + millis / 1000 + " seconds");
                steps.hurry();
                steps.leave(() -> empty);
            }
        });
    }
}

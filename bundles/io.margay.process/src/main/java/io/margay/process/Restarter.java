// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Keeps controller and router alive ({@code spec/processes.md §12} step 8), with a {@link Backoff} for each.
 */
public final class Restarter {

    private record Managed(Runnable first, Supplier<CompletionStage<Void>> again, Backoff backoff) {
    }

    private final EventLoop loop;
    private final BooleanSupplier exiting;
    private final ErrorLog journal;
    private final Map<String, Managed> types = new HashMap<>();

    /**
     * Restarts on a loop.
     *
     * @param loop main's loop
     * @param exiting whether the server ends, then nothing is started
     * @param journal takes failures
     */
    public Restarter(EventLoop loop, BooleanSupplier exiting, ErrorLog journal) {
        this.loop = loop;
        this.exiting = exiting;
        this.journal = journal;
    }

    /**
     * Takes a type into care.
     *
     * @param type the type
     * @param starter starts one process, or throws with the reason
     */
    public Restarter manage(String type, Runnable starter) {
        return manage(type, starter, () -> {
            starter.run();
            return CompletableFuture.completedFuture(null);
        });
    }

    /**
     * Takes a type into care that is started in another way when it has died.
     *
     * @param type the type
     * @param first starts the first process, or throws with the reason
     * @param again starts another one, now or later; completes on the loop when it runs, or with the reason
     */
    public Restarter manage(String type, Runnable first, Supplier<CompletionStage<Void>> again) {
        types.put(type, new Managed(first, again, new Backoff()));
        return this;
    }

    /**
     * Starts a managed type for the first time.
     *
     * @throws RuntimeException that the starter threw; the first start of the server must not be tried again
     */
    public void first(String type) {
        types.get(type).first().run();
    }

    /** Starts a managed type for the first time; a failure is told and tried again, as if it had died. */
    public void attempt(String type) {
        start(type, types.get(type));
    }

    /** A process has died; types that are not managed are ignored. */
    public void died(ProcessEntry entry) {
        Managed managed = types.get(entry.type().word());
        if (managed != null) {
            again(entry.type().word(), managed, entry.state() == ProcessState.READY);
        }
    }

    private void again(String type, Managed managed, boolean served) {
        long delay = managed.backoff().died(served);
        if (delay == 0) {
            start(type, managed);
        } else {
            journal.warn(type + " is started again in " + delay + " ms");
            loop.schedule(delay, () -> start(type, managed));
        }
    }

    private void start(String type, Managed managed) {
        if (exiting.getAsBoolean()) {
            return;
        }
        CompletionStage<Void> begun;
        try {
            begun = managed.again().get();
        } catch (RuntimeException e) {
            begun = CompletableFuture.failedFuture(e);
        }
        begun.whenComplete((done, failure) -> {
            if (failure != null) {
                journal.alert("failed to restart " + type + ": " + failure.getMessage());
                again(type, managed, false);
            }
        });
    }
}

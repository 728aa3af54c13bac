// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.engine.EventLoop;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Keeps controller and router alive ({@code spec/processes.md §12} step 8), with a {@link Backoff} for each.
 */
public final class Restarter {

    private record Managed(Runnable starter, Backoff backoff) {
    }

    private final EventLoop loop;
    private final BooleanSupplier exiting;
    private final Journal journal;
    private final Map<String, Managed> types = new HashMap<>();

    /**
     * Restarts on a loop.
     *
     * @param loop main's loop
     * @param exiting whether the server ends, then nothing is started
     * @param journal takes failures
     */
    public Restarter(EventLoop loop, BooleanSupplier exiting, Journal journal) {
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
        types.put(type, new Managed(starter, new Backoff()));
        return this;
    }

    /**
     * Starts a managed type for the first time.
     *
     * @throws RuntimeException that the starter threw; the first start of the server must not be tried again
     */
    public void first(String type) {
        Managed managed = types.get(type);
        managed.starter().run();
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
        try {
            managed.starter().run();
        } catch (RuntimeException e) {
            journal.alert("failed to restart " + type + ": " + e.getMessage());
            again(type, managed, false);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Things that take their time and must not overlap: each begins when the one before it has ended, in the order in which
 * they were added. Used on one loop, on which all of them begin; they may end anywhere.
 */
public final class Turns {

    private record Turn<T>(Supplier<? extends CompletionStage<T>> work, CompletableFuture<T> result) {
    }

    private final EventLoop loop;
    private final Deque<Turn<?>> waiting = new ArrayDeque<>();
    private boolean busy;
    private boolean held;

    /** Nothing waits. */
    public Turns(EventLoop loop) {
        this.loop = loop;
    }

    /**
     * Adds one; it begins at once when nothing else is on its way.
     *
     * @param work begins it; what it throws counts as its failure
     * @return completes on the loop as the work does
     */
    public <T> CompletionStage<T> add(Supplier<? extends CompletionStage<T>> work) {
        Turn<T> turn = new Turn<>(work, new CompletableFuture<>());
        waiting.add(turn);
        next();
        return turn.result();
    }

    /** Lets none begin until {@link #release}; one that is on its way goes on. */
    public void hold() {
        held = true;
    }

    /** Lets them begin again. */
    public void release() {
        held = false;
        next();
    }

    /** Whether one is on its way. */
    public boolean isBusy() {
        return busy;
    }

    /** How many wait for their turn. */
    public int waiting() {
        return waiting.size();
    }

    private void next() {
        if (!busy && !held && !waiting.isEmpty()) {
            busy = true;
            begin(waiting.removeFirst());
        }
    }

    private <T> void begin(Turn<T> turn) {
        CompletionStage<T> stage;
        try {
            stage = turn.work().get();
        } catch (RuntimeException | Error e) {
            stage = CompletableFuture.failedFuture(e);
        }
        stage.whenComplete((value, failure) -> {
            if (loop.inLoop()) {
                end(turn, value, failure);
            } else {
                loop.execute(() -> end(turn, value, failure));
            }
        });
    }

    private <T> void end(Turn<T> turn, T value, Throwable failure) {
        busy = false;
        try {
            if (failure != null) {
                turn.result().completeExceptionally(failure);
            } else {
                turn.result().complete(value);
            }
        } finally {
            next();
        }
    }
}

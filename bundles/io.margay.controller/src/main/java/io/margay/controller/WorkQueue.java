// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.control.ControlReply;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** Requests that wait for each other, in order of arrival; bounded. Used on the loop's thread only. */
final class WorkQueue {
    private static final int MAX_WAITING = 1000;
    private static final long MAX_BYTES = 12L << 20;

    private record Work(Supplier<CompletionStage<ControlReply>> run, long bytes, CompletableFuture<ControlReply> done) {
    }

    private final Executor loop;
    private final Deque<Work> waiting = new ArrayDeque<>();
    private long bytes;
    private boolean busy = true;
    private boolean open;

    /** Holds everything back until {@link #open}. */
    WorkQueue(Executor loop) {
        this.loop = loop;
    }

    /** Lets the queue run. */
    void open() {
        open = true;
        busy = false;
        next();
    }

    /**
     * Adds work at the end.
     *
     * @param size memory that it holds while it waits
     */
    CompletionStage<ControlReply> add(long size, Supplier<CompletionStage<ControlReply>> run) {
        if (waiting.size() >= MAX_WAITING || bytes + size > MAX_BYTES && !waiting.isEmpty()) {
            return CompletableFuture.completedFuture(ControlReply.error(500, "Too many requests are waiting."));
        }
        return enqueue(new Work(run, size, new CompletableFuture<>()), false);
    }

    /** Does what waits for nothing but {@link #open}. */
    CompletionStage<ControlReply> whenOpen(Supplier<ControlReply> run) {
        return open ? CompletableFuture.completedFuture(run.get())
            : add(0, () -> CompletableFuture.completedFuture(run.get()));
    }

    /** Adds work that goes before all that waits. */
    CompletionStage<ControlReply> addFirst(Supplier<CompletionStage<ControlReply>> run) {
        return enqueue(new Work(run, 0, new CompletableFuture<>()), true);
    }

    private CompletionStage<ControlReply> enqueue(Work work, boolean first) {
        bytes += work.bytes();
        if (first) {
            waiting.addFirst(work);
        } else {
            waiting.addLast(work);
        }
        next();
        return work.done();
    }

    private void next() {
        if (busy || waiting.isEmpty()) {
            return;
        }
        Work work = waiting.removeFirst();
        bytes -= work.bytes();
        busy = true;
        then(loop, guarded(work.run()), (reply, failure) -> {
            busy = false;
            work.done().complete(failure == null ? reply : internalError(failure));
            // Through the loop, so that a long queue of short work does not pile up on the stack.
            loop.execute(this::next);
        });
    }

    /** A supplier that throws is a stage that failed. */
    static <T> CompletionStage<T> guarded(Supplier<? extends CompletionStage<T>> run) {
        try {
            return run.get();
        } catch (RuntimeException | Error e) {
            // An error, too, must end its request: everything behind it waits.
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Continues on the loop, with the cause itself where a stage failed. */
    static <T> void then(Executor loop, CompletionStage<T> stage, BiConsumer<T, Throwable> next) {
        stage.whenCompleteAsync((value, failure) -> next.accept(value, cause(failure)), loop);
    }

    /** What a stage failed for, without the wrapper; null for null. */
    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private static ControlReply internalError(Throwable failure) {
        return failure instanceof OutOfMemoryError ? ControlReply.error(500, "Memory allocation failed.")
            : ControlReply.error(500, "Internal error.", reason(failure));
    }

    static String reason(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }
}

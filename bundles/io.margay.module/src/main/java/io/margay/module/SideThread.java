// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.engine.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Does what may wait for the disk or for code of bundles, one thing after the other, beside the loop. */
final class SideThread implements AutoCloseable {

    private static final long CLOSE_SECONDS = 5;

    private final EventLoop loop;
    private final ExecutorService thread;

    /** With a thread that begins when there is something to do. */
    SideThread(EventLoop loop, String name) {
        this.loop = loop;
        this.thread = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name(name).factory());
    }

    /** Completes on the loop with what is done beside it. */
    <T> CompletionStage<T> blocking(Supplier<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        thread.execute(() -> {
            Runnable told;
            try {
                T value = work.get();
                told = () -> result.complete(value);
            } catch (RuntimeException | LinkageError e) {
                told = () -> result.completeExceptionally(e);
            }
            tell(told);
        });
        return result;
    }

    private void tell(Runnable result) {
        try {
            loop.execute(result);
        } catch (RejectedExecutionException e) {
            if (!isClosed()) {
                throw e;
            }
            // The end has not waited for it, and nobody is there any more who could.
        }
    }

    /** {@return whether it takes no more work, which it then refuses with an exception} */
    boolean isClosed() {
        return thread.isShutdown();
    }

    void execute(Runnable work) {
        thread.execute(work);
    }

    /** Waits for what is under way; one that hangs in its start is not waited for. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.control.ControlReply;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class WorkQueueTest {
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final WorkQueue queue = new WorkQueue(tasks::add);

    private void drain() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private static CompletionStage<ControlReply> broken(Throwable fault) {
        if (fault instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) fault;
    }

    @Test
    void whateverWorkThrowsWhatIsBehindItGoesOn() {
        queue.open();
        for (Throwable fault : new Throwable[] {new IllegalStateException("x"), new LinkageError("x"),
            new StackOverflowError(), new OutOfMemoryError("x"), new AssertionError("x")}) {
            CompletableFuture<ControlReply> reply = queue.add(0, () -> broken(fault)).toCompletableFuture();
            CompletableFuture<ControlReply> next = queue.add(0, () ->
                CompletableFuture.completedFuture(ControlReply.success("Ok"))).toCompletableFuture();
            drain();
            assertEquals(500, reply.join().status(), fault::toString);
            assertEquals(200, next.join().status(), fault::toString);
        }
    }
}

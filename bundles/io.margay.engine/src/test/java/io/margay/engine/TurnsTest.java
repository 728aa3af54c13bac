// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TurnsTest {

    private final EventLoops loops = EventLoops.create("turns", 1);
    private final Turns turns = new Turns(loops.loop(0));
    private final List<String> begun = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        loops.close();
    }

    private <T> T call(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        loops.loop(0).execute(() -> {
            try {
                result.complete(task.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        return result.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private CompletionStage<String> add(String name, CompletableFuture<String> end) {
        return call(() -> turns.add(() -> {
            begun.add(name);
            return end;
        }));
    }

    @Test
    void eachBeginsWhenTheOneBeforeHasEnded() {
        CompletableFuture<String> first = new CompletableFuture<>();
        CompletionStage<String> a = add("a", first);
        CompletionStage<String> b = add("b", CompletableFuture.completedFuture("done"));
        assertEquals(List.of("a"), begun);
        assertTrue(call(turns::isBusy));
        assertEquals(1, call(turns::waiting));
        first.complete("end");
        assertEquals("end", a.toCompletableFuture().join());
        assertEquals("done", b.toCompletableFuture().join());
        assertFalse(call(turns::isBusy));
    }

    @Test
    void aFailureIsNoEndOfAll() {
        CompletionStage<String> a = call(() -> turns.add(() -> {
            throw new IllegalStateException("no luck");
        }));
        CompletionStage<String> b = add("b", CompletableFuture.failedFuture(new IllegalStateException("again")));
        assertEquals("no luck again", a.handle((value, failure) -> failure.getMessage()).toCompletableFuture().join()
            + " " + b.handle((value, failure) -> failure.getMessage()).toCompletableFuture().join());
        assertEquals("c", add("c", CompletableFuture.completedFuture("c")).toCompletableFuture().join());
    }

    @Test
    void noneBeginsWhileTheyAreHeld() {
        call(() -> {
            turns.hold();
            return 0;
        });
        CompletionStage<String> a = add("a", CompletableFuture.completedFuture("a"));
        assertEquals(List.of(), begun);
        call(() -> {
            turns.release();
            return 0;
        });
        assertEquals("a", a.toCompletableFuture().join());
    }
}

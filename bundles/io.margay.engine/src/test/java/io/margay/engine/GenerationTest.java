// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class GenerationTest {
    @Test
    void retiresAtOnceWhenEmpty() {
        Generation generation = new Generation();
        assertTrue(generation.retire().toCompletableFuture().isDone());
        assertFalse(generation.enter());
        assertEquals(0, generation.count());
    }

    @Test
    void waitsForTheLast() {
        Generation generation = new Generation();
        assertTrue(generation.enter());
        assertTrue(generation.enter());
        CompletableFuture<Void> empty = generation.drain().toCompletableFuture();
        assertFalse(generation.enter());
        generation.leave();
        assertFalse(empty.isDone());
        generation.leave();
        assertTrue(empty.isDone());
    }

    @Test
    void leavingTooOftenIsABug() {
        Generation generation = new Generation();
        assertThrows(IllegalStateException.class, generation::leave);
        assertEquals(0, generation.count());
    }

    @RepeatedTest(50)
    void nobodyIsInsideAfterTheEnd() throws Exception {
        Generation generation = new Generation();
        AtomicBoolean released = new AtomicBoolean();
        AtomicInteger late = new AtomicInteger();
        CountDownLatch started = new CountDownLatch(2);
        Runnable user = () -> {
            started.countDown();
            while (generation.enter()) {
                if (released.get()) {
                    late.incrementAndGet();
                }
                generation.leave();
            }
        };
        // Not the common pool, which has a single thread on a machine of two cores.
        CompletableFuture<Void> users = CompletableFuture.allOf(
            CompletableFuture.runAsync(user, task -> Thread.ofPlatform().daemon().start(task)),
            CompletableFuture.runAsync(user, task -> Thread.ofPlatform().daemon().start(task)));
        assertTrue(started.await(10, TimeUnit.SECONDS));
        generation.retire().toCompletableFuture().thenRun(() -> released.set(true)).get(10, TimeUnit.SECONDS);
        users.get(10, TimeUnit.SECONDS);
        assertEquals(0, late.get());
        assertEquals(0, generation.count());
    }

    @Test
    void cellsOfLoopsCountToo() {
        List<Runnable> tasks = new ArrayList<>();
        Generation generation = new Generation();
        Generation.Cell a = generation.cell(0, tasks::add);
        Generation.Cell b = generation.cell(3, tasks::add);
        assertSame(a, generation.cell(0, tasks::add));
        assertTrue(a.enter());
        assertTrue(a.enter());
        assertTrue(b.enter());
        assertTrue(generation.enter());
        assertEquals(4, generation.count());
        b.leave();
        CompletableFuture<Void> empty = generation.retire().toCompletableFuture();
        assertFalse(generation.enter());
        // Until its loop knows, work may still enter there.
        assertTrue(b.enter());
        tasks.forEach(Runnable::run);
        assertFalse(a.enter());
        assertFalse(b.enter());
        assertEquals(4, generation.count());
        a.leave();
        a.leave();
        generation.leave();
        assertFalse(empty.isDone());
        b.leave();
        assertTrue(empty.isDone());
        assertEquals(0, generation.count());
        assertThrows(IllegalStateException.class, a::leave);
    }

    @Test
    void aCellThatComesTooLateIsClosed() {
        Generation generation = new Generation();
        assertTrue(generation.retire().toCompletableFuture().isDone());
        assertFalse(generation.cell(1, Runnable::run).enter());
        assertEquals(0, generation.count());
    }

    @Test
    void aLoopThatHasEndedHoldsNothing() {
        Generation generation = new Generation();
        Generation.Cell cell = generation.cell(0, task -> {
            throw new RejectedExecutionException();
        });
        assertTrue(cell.enter());
        assertTrue(generation.retire().toCompletableFuture().isDone());
    }

    @RepeatedTest(50)
    void nobodyIsInACellAfterTheEnd() throws Exception {
        try (EventLoops loops = EventLoops.create("generation", 2)) {
            Generation generation = new Generation();
            AtomicBoolean released = new AtomicBoolean();
            AtomicInteger late = new AtomicInteger();
            CountDownLatch started = new CountDownLatch(2);
            for (int i = 0; i < 2; i++) {
                work(generation, loops.loop(i), i, released, late, started);
            }
            assertTrue(started.await(10, TimeUnit.SECONDS));
            generation.retire().toCompletableFuture().thenRun(() -> released.set(true)).get(10, TimeUnit.SECONDS);
            assertEquals(0, late.get());
        }
    }

    private static void work(Generation generation, EventLoop loop, int index, AtomicBoolean released,
                             AtomicInteger late, CountDownLatch started) {
        loop.execute(() -> {
            Generation.Cell cell = generation.cell(index, loop);
            started.countDown();
            if (cell.enter()) {
                late.addAndGet(released.get() ? 1 : 0);
                loop.execute(() -> {
                    late.addAndGet(released.get() ? 1 : 0);
                    cell.leave();
                    work(generation, loop, index, released, late, started);
                });
            }
        });
    }
}

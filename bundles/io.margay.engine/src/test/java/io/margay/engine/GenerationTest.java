// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
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
        assertTrue(generation.isRetired());
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
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A real loop with the lines and events of one test. */
final class RealLoop implements AutoCloseable {

    private static final long SECONDS = 20;

    final Lines lines = new Lines();
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final EventLoops loops = EventLoops.create("test", 1, failure -> event("failure " + failure));

    EventLoop loop() {
        return loops.loop(0);
    }

    void event(String text) {
        events.add(text);
    }

    String await(String reason) throws InterruptedException {
        String event = events.poll(SECONDS, TimeUnit.SECONDS);
        if (event == null) {
            throw new AssertionError("no event in time: " + reason + ", log " + lines.all);
        }
        return event;
    }

    <T> T call(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop().execute(() -> {
            try {
                result.complete(task.call());
            } catch (Exception | AssertionError e) {
                result.completeExceptionally(e);
            }
        });
        return result.orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        loops.close();
    }
}

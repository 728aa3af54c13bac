// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A real loop with the log lines and events of one test. */
public final class RealLoop implements AutoCloseable {

    /** How long a test waits for what must come. */
    public static final long SECONDS = 20;

    /** The log. */
    public final Lines lines = new Lines();
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final EventLoops loops = EventLoops.create("test", 1, failure -> event("failure " + failure));

    /** {@return the loop itself} */
    public EventLoop loop() {
        return loops.loop(0);
    }

    /** Tells the test of something; any thread may. */
    public void event(String text) {
        events.add(text);
    }

    /** The next event, or a failure that names what was waited for. */
    public String await(String reason) throws InterruptedException {
        String event = events.poll(SECONDS, TimeUnit.SECONDS);
        if (event == null) {
            throw new AssertionError("no event in time: " + reason + ", log " + lines.all);
        }
        return event;
    }

    /** {@return whether no event waits to be seen} */
    public boolean quiet() {
        return events.isEmpty();
    }

    /** {@return what a task on the loop returns} */
    public <T> T call(Callable<T> task) {
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

    /** Runs a task on the loop and waits for its end. */
    public void run(Runnable task) {
        call(() -> {
            task.run();
            return 0;
        });
    }

    @Override
    public void close() {
        loops.close();
    }
}

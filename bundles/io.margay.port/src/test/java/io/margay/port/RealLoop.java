// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.log.ErrorLog;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A real loop with the log lines and events of one test. */
final class RealLoop implements AutoCloseable {

    static final long SECONDS = 20;

    final List<String> lines = new CopyOnWriteArrayList<>();
    final ErrorLog log = (level, text) -> lines.add(text);
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final EventLoops loops = EventLoops.create("test", 1, failure -> event("failure " + failure));

    EventLoop loop() {
        return loops.loop(0);
    }

    void event(String text) {
        events.add(text);
    }

    /** The next event, or a failure that names what was waited for. */
    String await(String reason) throws InterruptedException {
        String event = events.poll(SECONDS, TimeUnit.SECONDS);
        if (event == null) {
            throw new AssertionError("no event in time: " + reason + ", log " + lines);
        }
        return event;
    }

    boolean quiet() {
        return events.isEmpty();
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

    void run(Runnable task) {
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

// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Does what may wait, for the disk or a name service, on one thread beside the loop. Few things are in progress at a
 * time, since the controller waits for answers; one that does not keep to that is refused.
 */
final class Background implements AutoCloseable {

    private static final int MAX_WAITING = 64;

    private final EventLoop loop;
    private final String name;
    private final ErrorLog journal;
    private final AtomicInteger waiting = new AtomicInteger();
    private final ExecutorService thread;

    Background(EventLoop loop, String name, ErrorLog journal) {
        this.loop = loop;
        this.name = name;
        this.journal = journal;
        this.thread = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name(name).factory());
    }

    /**
     * Does one thing, after those before it. On the loop.
     *
     * @param deed what it is, as in "failed to ..."
     * @param failed makes a result of the reason of a failure, which is in the log then
     * @param done called with the result on the loop
     */
    <T> void run(String deed, Supplier<T> work, Function<String, T> failed, Consumer<T> done) {
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            done.accept(failed.apply("too many requests to the " + name));
            return;
        }
        thread.execute(() -> {
            T result;
            try {
                result = work.get();
            } catch (RuntimeException e) {
                journal.alert("failed to " + deed + ": " + e.getMessage());
                result = failed.apply(String.valueOf(e.getMessage()));
            }
            waiting.decrementAndGet();
            T end = result;
            loop.execute(() -> done.accept(end));
        });
    }

    /** Finishes what was ordered; nothing may be ordered any more. */
    @Override
    public void close() {
        thread.shutdown();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.engine.EventLoop;
import io.margay.process.Journal;
import io.margay.store.StateDirectory;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Works on the state directory in the order of the requests, on a thread of its own: fsync waits for the disk, and the
 * loop must not. One configuration is in progress at a time, since the controller waits for the answer before its next
 * change; the number of other requests is bounded.
 */
final class ConfStore {

    private static final int MAX_WAITING = 64;

    private final EventLoop loop;
    private final StateDirectory state;
    private final Journal journal;
    private final ExecutorService disk =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("store").factory());
    private int waiting;

    ConfStore(EventLoop loop, StateDirectory state, Journal journal) {
        this.loop = loop;
        this.state = state;
        this.journal = journal;
    }

    /**
     * Stores a configuration.
     *
     * @param json compact JSON
     * @param done called on the loop, with the reason when it failed
     */
    void store(byte[] json, Consumer<Optional<String>> done) {
        work(() -> {
            state.store(json);
            return json.length;
        }, size -> done.accept(Optional.empty()), reason -> {
            journal.alert("failed to store current configuration: " + reason);
            done.accept(Optional.of(reason));
        });
    }

    /**
     * Does something with the state directory after all that was ordered before.
     *
     * @param task runs on the thread of the disk
     * @param done takes its result, on the loop
     * @param failed takes the reason instead, on the loop
     */
    <T> void work(Supplier<T> task, Consumer<T> done, Consumer<String> failed) {
        if (waiting == MAX_WAITING) {
            failed.accept("too many requests wait for the disk");
            return;
        }
        waiting++;
        disk.execute(() -> {
            Runnable end;
            try {
                T result = task.get();
                end = () -> done.accept(result);
            } catch (RuntimeException e) {
                end = () -> failed.accept(String.valueOf(e.getMessage()));
            }
            Runnable told = end;
            loop.execute(() -> {
                waiting--;
                told.run();
            });
        });
    }
}

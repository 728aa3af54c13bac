// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.engine.EventLoop;
import io.margay.process.Journal;
import io.margay.store.StateDirectory;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Stores configurations in the order of the requests, on a thread of its own: fsync waits for the disk, and the loop
 * must not. One request is in progress at a time, since the controller waits for the answer before its next change.
 */
final class ConfStore {

    private final EventLoop loop;
    private final StateDirectory state;
    private final Journal journal;
    private final ExecutorService disk =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("store").factory());

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
        disk.execute(() -> {
            Optional<String> failure = Optional.empty();
            try {
                state.store(json);
            } catch (RuntimeException e) {
                failure = Optional.of(String.valueOf(e.getMessage()));
                journal.alert("failed to store current configuration: " + e.getMessage());
            }
            Optional<String> result = failure;
            loop.execute(() -> done.accept(result));
        });
    }
}

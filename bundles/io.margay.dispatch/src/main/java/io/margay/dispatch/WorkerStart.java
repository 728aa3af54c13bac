// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.engine.Timer;
import io.margay.posix.Fd;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A worker on its way to readiness; home loop only. */
final class WorkerStart {

    final int stream;
    final int slot;
    final CompletableFuture<Void> result;
    /** Whether its first prototype died over it. */
    final boolean retried;
    /** Ends of the reply sockets that have arrived so far. */
    final List<Fd> fds = new ArrayList<>();
    /** Whether it is counted as failed already; when it becomes ready after all it is told to stop. */
    boolean expired;
    Optional<Timer> deadline = Optional.empty();
    /** Why it is failing, in the words of the worker. */
    Optional<String> reason = Optional.empty();

    WorkerStart(int stream, int slot, CompletableFuture<Void> result, boolean retried) {
        this.stream = stream;
        this.slot = slot;
        this.result = result;
        this.retried = retried;
    }

    /** Forgets what has arrived. */
    void close() {
        deadline.ifPresent(Timer::cancel);
        fds.forEach(Fd::close);
        fds.clear();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What concerns whole generations: restart, taking requests back, the end. Home loop. */
final class Moves {

    /** Time that idle workers of the old generation get to be gone before a restart counts as done. */
    private static final long LEAVE_MILLIS = 2000;

    private final AppPool pool;
    private boolean ended;

    Moves(AppPool pool) {
        this.pool = pool;
    }

    /**
     * Replaces the current generation by a full new one at once, whatever the old one is doing; that finishes what it
     * has. Requests that nobody has taken move over.
     */
    CompletionStage<Void> restart() {
        if (ended || pool.isRetiring()) {
            return CompletableFuture.failedFuture(new WorkerStartException("the application is being stopped"));
        }
        WireGeneration old = pool.current();
        pool.current(pool.open());
        List<Worker> former = pool.staff().members().stream().filter(worker -> worker.generation() == old).toList();
        CompletableFuture<?>[] idle = former.stream()
            .filter(worker -> worker.state() == Worker.State.READY && worker.running() == 0)
            .map(worker -> worker.left).toArray(CompletableFuture<?>[]::new);
        former.forEach(worker -> pool.staff().dismiss(worker, false));
        WireGeneration next = pool.current();
        pool.onAllLoops(loop -> loop.move(next), () -> {
            // Behind this no loop writes into the old queue, so one pass empties it.
            old.takeBack(Integer.MAX_VALUE, (loop, id) -> onLoop(loop, () -> pool.loops().get(loop).returned(id)));
            old.end();
            pool.evaluate();
            pool.changed(old);
        });
        CompletableFuture<?>[] fresh = new CompletableFuture<?>[pool.isStarted() ? pool.spec().spareProcesses() : 0];
        for (int i = 0; i < fresh.length; i++) {
            fresh[i] = pool.staff().begin().toCompletableFuture();
        }
        return CompletableFuture.allOf(fresh).thenCompose(ok -> gone(idle));
    }

    private CompletionStage<Void> gone(CompletableFuture<?>[] workers) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        CompletableFuture.allOf(workers).thenRun(() -> result.complete(null));
        pool.home().schedule(LEAVE_MILLIS, () -> result.complete(null));
        return result;
    }

    private void onLoop(int loop, Runnable task) {
        pool.loops().get(loop).engine().execute(task);
    }

    /** Answers requests that wait with 503: the oldest ones, at most so many. */
    void withdraw(int most) {
        if (ended) {
            // Nothing waits any more, and its loops may have ended with it.
            return;
        }
        if (pool.pushes()) {
            pool.push().fail(most);
            return;
        }
        int taken = pool.current().takeBack(most, (loop, id) ->
            onLoop(loop, () -> pool.loops().get(loop).withdrawn(id)));
        if (taken < most) {
            // More than the queue held wait here; then the oldest of each loop stand for the oldest of all.
            pool.loops().forEach(loop -> loop.engine().execute(() -> loop.failWaiting(most - taken)));
        }
    }

    /** Ends all generations once no request is left. */
    void endIfDrained() {
        if (!pool.isRetiring() || ended || pool.active() > 0) {
            return;
        }
        ended = true;
        pool.staff().members().forEach(worker -> pool.staff().dismiss(worker, false));
        pool.generations().forEach(WireGeneration::end);
        pool.generations().forEach(pool::changed);
    }

    /** Closes a generation without processes after every loop has let go of it. */
    void close(WireGeneration generation) {
        if (!pool.generations().remove(generation)) {
            return;
        }
        pool.onAllLoops(loop -> {
            if (generation == pool.current()) {
                loop.leave();
            }
        }, () -> {
            generation.close();
            if (ended && pool.generations().isEmpty()) {
                pool.retirementDone();
            }
        });
    }

    /** Whether a generation is to go as soon as its processes are gone. */
    boolean isEnding(WireGeneration generation) {
        return ended || generation != pool.current();
    }
}

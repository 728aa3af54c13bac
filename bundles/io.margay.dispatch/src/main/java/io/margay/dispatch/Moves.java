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
     *
     * @param relay whether the old one serves until the new one does, or has failed to start; else it is told to leave
     *     before
     */
    CompletionStage<Void> restart(boolean relay) {
        if (ended || pool.isRetiring()) {
            return CompletableFuture.failedFuture(new WorkerStartException("the application is being stopped"));
        }
        WireGeneration next = pool.open();
        pool.current(next);
        boolean serves = pool.staff().processes() > 0;
        List<Worker> coming = former(next, Worker.State.STARTING);
        coming.forEach(worker -> pool.staff().dismiss(worker, false));
        CompletableFuture<?>[] left = relay ? null : handOver(next);
        int count = pool.isStarted() ? Math.max(pool.spec().spareProcesses(), relay && serves ? 1 : 0) : 0;
        CompletableFuture<?>[] fresh = new CompletableFuture<?>[count];
        for (int i = 0; i < fresh.length; i++) {
            fresh[i] = pool.staff().begin().toCompletableFuture();
        }
        CompletableFuture<Void> begun = CompletableFuture.allOf(fresh);
        if (!relay) {
            return begun.thenCompose(ok -> gone(left));
        }
        return begun.handle((ok, failure) -> {
            CompletableFuture<?>[] idle = handOver(next);
            if (failure != null && pool.staff().processes() == 0 && pool.staff().pending() == 0) {
                withdraw(pool.active());
            }
            return failure == null ? gone(idle) : begun;
        }).thenCompose(end -> end);
    }

    private List<Worker> former(WireGeneration next, Worker.State state) {
        return pool.staff().members().stream().filter(worker -> worker.generation() != next && worker.state() == state)
            .toList();
    }

    /** All other generations leave, unless there is a newer one by now; gives the ends of those who are idle. */
    private CompletableFuture<?>[] handOver(WireGeneration next) {
        if (ended || pool.current() != next) {
            return new CompletableFuture<?>[0];
        }
        List<Worker> former = former(next, Worker.State.READY);
        CompletableFuture<?>[] idle = former.stream().filter(worker -> worker.running() == 0)
            .map(worker -> worker.left).toArray(CompletableFuture<?>[]::new);
        former.forEach(worker -> pool.staff().dismiss(worker, false));
        List<WireGeneration> olds = pool.generations().stream().filter(generation -> generation != next).toList();
        pool.onAllLoops(loop -> loop.move(next), () -> olds.forEach(old -> {
            // Behind this no loop writes into the old queue, so one pass empties it.
            old.takeBack(Integer.MAX_VALUE, (loop, id) -> onLoop(loop, () -> pool.loops().get(loop).returned(id)));
            old.end();
            pool.evaluate();
            pool.changed(old);
        }));
        return idle;
    }

    private CompletionStage<Void> gone(CompletableFuture<?>[] workers) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        CompletableFuture.allOf(workers).thenRun(() -> result.complete(null));
        pool.home().schedule(LEAVE_MILLIS, () -> result.complete(null));
        return result;
    }

    private void onLoop(int loop, Runnable task) {
        pool.loops().get(loop).execute(task);
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
            pool.loops().forEach(loop -> loop.execute(() -> loop.failWaiting(most - taken)));
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

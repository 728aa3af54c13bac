// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.engine.Timer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The workers of a pool: how they come ({@code spec/app-dispatch.md §3}) and go. Home loop, except where noted. */
final class Staff {

    private static final int UNAVAILABLE = 503;
    private static final long MILLIS = 1000;
    private static final long USEFUL_NANOS = 1_000_000_000;
    /** In which the end of a process is known, on a machine that has more to do. */
    private static final long END_MILLIS = 3_000;

    private final AppPool pool;
    private final StartPause pause;
    private final EndWatch ends;
    private final Set<Worker> members = new LinkedHashSet<>();
    private Optional<WireGeneration> proven = Optional.empty();
    /** Whether the last start has failed. */
    private boolean doubtful;
    private volatile List<Worker> serving = List.of();
    private volatile int processes;
    private volatile int pending;
    private volatile int leaving;

    Staff(AppPool pool, StartPause pause) {
        this.pool = pool;
        this.pause = pause;
        this.ends = new EndWatch(pool);
    }

    /** Whether nobody is ready of a generation that has served: its processes may have ruined what they shared. */
    boolean hasServed(WireGeneration generation) {
        return processes == 0 && proven.filter(generation::equals).isPresent();
    }

    /** One more worker; of another generation when the present one has served, and now nobody starts in it. */
    void more() {
        if (doubtful && pending == 0 && hasServed(pool.current())) {
            doubtful = false;
            pool.renew();
        } else {
            begin();
        }
    }

    /** Ready workers that may be given requests; any thread. */
    List<Worker> serving() {
        return serving;
    }

    /** How many they are; any thread. */
    int processes() {
        return processes;
    }

    /** Workers on their way; any thread. */
    int pending() {
        return pending;
    }

    /** Workers that were told to leave; any thread. */
    int leaving() {
        return leaving;
    }

    /** All that are not gone. */
    List<Worker> members() {
        return List.copyOf(members);
    }

    private void count() {
        List<Worker> ready = new ArrayList<>();
        int left = 0;
        for (Worker worker : members) {
            if (worker.state == Worker.State.READY) {
                ready.add(worker);
            } else if (worker.state == Worker.State.LEAVING) {
                left++;
            }
        }
        serving = List.copyOf(ready);
        processes = ready.size();
        leaving = left;
    }

    // ---- start --------------------------------------------------------

    /** Starts one worker of the current generation; it counts as pending until the stage completes. */
    CompletionStage<Void> begin() {
        Worker worker;
        try {
            worker = pool.current().worker();
        } catch (WorkerStartException e) {
            pool.log().alert(e.getMessage());
            pool.startFailed(pool.current());
            return CompletableFuture.failedFuture(e);
        }
        worker.of(pool);
        worker.state = Worker.State.STARTING;
        members.add(worker);
        pending++;
        worker.deadline = Optional.of(pool.home().schedule(pool.spec().startMillis(), () -> expire(worker)));
        try {
            worker.start();
        } catch (RuntimeException e) {
            failed(worker, failure(new WorkerStartException(e.toString(), e)));
        }
        return worker.result;
    }

    private WorkerStartException failure(Throwable cause) {
        return new WorkerStartException("failed to start application \"" + pool.spec().title() + "\"", cause);
    }

    private void expire(Worker worker) {
        if (worker.state == Worker.State.STARTING && !worker.late) {
            worker.late = true;
            worker.kill();
            long seconds = pool.spec().startMillis() / MILLIS;
            report(worker, failure(new WorkerStartException("it did not become ready within " + seconds
                + (seconds == 1 ? " second" : " seconds") + " (option \"limits.start_timeout\")")));
        }
    }

    void ready(Worker worker) {
        if (worker.state != Worker.State.STARTING) {
            return;
        }
        worker.deadline.ifPresent(Timer::cancel);
        worker.readyAt = System.nanoTime();
        worker.idleSince = worker.readyAt;
        boolean wanted = !worker.late && worker.generation() == pool.current();
        if (!worker.late) {
            pending--;
            pause.succeeded();
            proven = Optional.of(worker.generation());
            doubtful = false;
        }
        worker.state = wanted ? Worker.State.READY : Worker.State.LEAVING;
        worker.room.set(pool.contexts());
        count();
        if (!wanted) {
            worker.stop();
            ends.watch(worker, pool.spec().stopMillis());
        }
        worker.result.complete(null);
        if (pool.pushes()) {
            pool.push().serve();
        }
        pool.reaper().arm();
        pool.evaluate();
    }

    /** A worker did not become ready. */
    void failed(Worker worker, WorkerStartException reason) {
        if (worker.state != Worker.State.STARTING) {
            return;
        }
        removed(worker);
        if (!worker.late) {
            report(worker, reason);
        }
        worker.left.complete(null);
        pool.changed(worker.generation());
    }

    private void removed(Worker worker) {
        worker.deadline.ifPresent(Timer::cancel);
        worker.state = Worker.State.GONE;
        members.remove(worker);
        count();
    }

    private void report(Worker worker, WorkerStartException reason) {
        pool.log().warn(reason.getMessage());
        pending--;
        doubtful = true;
        worker.result.completeExceptionally(reason);
        pool.startFailed(worker.generation());
    }

    // ---- end ----------------------------------------------------------

    /** A process that was ready is gone. */
    void gone(Worker worker) {
        if (worker.state != Worker.State.READY && worker.state != Worker.State.LEAVING) {
            return;
        }
        boolean unused = worker.state == Worker.State.READY && worker.diedUnused(USEFUL_NANOS);
        removed(worker);
        if (unused) {
            pause.failed();
        }
        pool.onAllLoops(loop -> loop.workerGone(worker), () -> {
            worker.release();
            worker.left.complete(null);
            pool.evaluate();
            pool.changed(worker.generation());
        });
    }

    /**
     * Counts a worker out, lets it finish what it has, and ends it when nothing is heard of it for the grace time.
     *
     * @param tell whether it has to be told; a whole generation is told in another way
     */
    void dismiss(Worker worker, boolean tell) {
        dismiss(worker, tell, pool.spec().stopMillis());
    }

    private void dismiss(Worker worker, boolean tell, long graceMillis) {
        if (worker.state == Worker.State.STARTING && !worker.late) {
            worker.late = true;
            pending--;
            worker.result.complete(null);
        }
        if (worker.state == Worker.State.READY) {
            worker.state = Worker.State.LEAVING;
            count();
            if (tell) {
                worker.stop();
            }
            ends.watch(worker, graceMillis);
        }
    }

    /** A request has timed out in a worker, which will hardly come to itself. */
    void stuck(Worker worker) {
        if (worker.state == Worker.State.READY) {
            dismiss(worker, true, Math.min(pool.spec().timeoutMillis(), pool.spec().stopMillis()));
            pool.evaluate();
        }
    }

    /** A worker takes nothing any more: it mostly ends, and another one comes. Who lives on counts no longer. */
    void declined(Worker worker) {
        if (!worker.declined) {
            worker.declined = true;
            pool.home().schedule(END_MILLIS, () -> {
                if (worker.state == Worker.State.READY) {
                    pool.log().alert("app process " + worker.pid() + " of \"" + pool.spec().title()
                        + "\" takes no connections any more and is replaced");
                    dismiss(worker, true);
                    pool.evaluate();
                }
            });
        }
    }

    /** The application is not configured any more: workers that hang shall not keep it. */
    void superseded() {
        members.forEach(worker -> ends.watch(worker, pool.spec().stopMillis()));
    }

    /** A worker breaks the rules of the wire. What it shares with others cannot be trusted any more either. */
    void misbehaved(Worker worker, String how) {
        if (worker.state == Worker.State.GONE || worker.late) {
            return;
        }
        pool.log().alert("app process " + worker.pid() + " of \"" + pool.spec().title() + "\" is killed: " + how);
        dismiss(worker, false);
        worker.late = true;
        pool.onAllLoops(loop -> loop.fail(worker, UNAVAILABLE), () -> { });
        worker.kill();
        if (worker.generation() == pool.current() && !pause.isOn()) {
            pause.failed();
            pool.renew();
        }
    }
}

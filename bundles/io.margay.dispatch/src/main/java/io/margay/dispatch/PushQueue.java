// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The queue of an application whose wire pushes: one order for all loops, and each request given to a worker that has
 * room. Any thread; a request is touched on its own loop only.
 */
final class PushQueue {

    /** More than any worker has room for. */
    private static final int CLOSED = 1 << 28;

    private final AppPool pool;
    private final long most;
    private final ConcurrentLinkedQueue<Entry> queue = new ConcurrentLinkedQueue<>();

    private record Entry(PoolLoop loop, Job job) {
    }

    PushQueue(AppPool pool) {
        this.pool = pool;
        this.most = pool.spec().maxRequests();
    }

    /** Gives a request to a worker, or lets it wait; on the loop of the request. */
    void place(Job job) {
        if (queue.isEmpty()) {
            Optional<Worker> worker = claim();
            if (worker.isPresent()) {
                give(worker.get(), job);
                return;
            }
        }
        if (pool.mayWait(job)) {
            queue.add(new Entry(pool.loops().get(job.loop()), job));
            // A worker may have got room meanwhile.
            serve();
        }
    }

    /** A worker has finished a request. */
    void ended(Worker worker) {
        worker.room.incrementAndGet();
        serve();
    }

    /** Gives waiting requests to workers that have room. */
    void serve() {
        while (!queue.isEmpty()) {
            Optional<Worker> worker = claim();
            if (worker.isEmpty()) {
                return;
            }
            Entry entry = queue.poll();
            if (entry == null) {
                giveBack(worker.get());
            } else {
                pool.waited(1);
                entry.loop().execute(() -> hand(worker.get(), entry.job()));
            }
        }
    }

    /** Fails waiting requests, oldest first; gives how many. */
    int fail(int count) {
        int failed = 0;
        while (failed < count) {
            Entry entry = queue.poll();
            if (entry == null) {
                return failed;
            }
            pool.waited(1);
            entry.loop().execute(entry.job()::fail);
            failed++;
        }
        return failed;
    }

    private void hand(Worker worker, Job job) {
        if (job.isDone()) {
            giveBack(worker);
            serve();
        } else if (worker.state() != Worker.State.READY) {
            place(job);
        } else {
            give(worker, job);
        }
    }

    private void give(Worker worker, Job job) {
        job.taken(worker, null);
        if (most > 0 && worker.given.get() >= most) {
            pool.home().execute(() -> pool.staff().dismiss(worker, true));
        }
        try {
            worker.take(job);
        } catch (RuntimeException e) {
            pool.log().alert("application \"" + pool.spec().title() + "\": a request could not be sent: " + e);
            job.fail();
        }
    }

    /** A worker has not taken what it was given, and is given nothing more. */
    void handBack(Worker worker, Job job) {
        worker.given.decrementAndGet();
        worker.room.addAndGet(-CLOSED);
        if (!job.isDone()) {
            job.waits();
            place(job);
        }
        pool.home().execute(() -> pool.staff().declined(worker));
    }

    private void giveBack(Worker worker) {
        worker.given.decrementAndGet();
        worker.room.incrementAndGet();
    }

    /** Takes a place of the worker that has most room. */
    private Optional<Worker> claim() {
        List<Worker> serving = pool.staff().serving();
        while (true) {
            Worker best = roomiest(serving);
            int room = best == null ? 0 : best.room.get();
            if (room <= 0) {
                return Optional.empty();
            }
            // Other loops claim too; whoever was too late looks again.
            if (best.room.compareAndSet(room, room - 1)) {
                if (best.given.incrementAndGet() <= most || most == 0) {
                    return Optional.of(best);
                }
                giveBack(best);
            }
        }
    }

    private Worker roomiest(List<Worker> serving) {
        Worker best = null;
        int largest = 0;
        for (Worker worker : serving) {
            int room = worker.room.get();
            if (room > largest && (most == 0 || worker.given.get() < most)) {
                largest = room;
                best = worker;
            }
        }
        return best;
    }
}

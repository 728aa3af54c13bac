// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.engine.EventLoop;
import io.margay.http.Timings;
import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/** The part of a pool that belongs to one event loop: its requests from their arrival to the last response part. */
final class PoolLoop implements Jobs {

    /** Header fields that a request may have: far more than clients send, few enough for any language. */
    private static final int MAX_FIELDS = 4096;
    private static final int TOO_MANY_FIELDS = 431;
    private static final int FAILURE = 500;

    private final AppPool pool;
    private final EventLoop engine;
    private final int index;
    private final IntObjectHashMap<Job> table = new IntObjectHashMap<>();
    private final ArrayDeque<Job> waiting = new ArrayDeque<>();
    private final Timeouts timeouts;
    /** Written by this loop only, so that requests of different loops share no counter. */
    private volatile int active;
    private volatile long cancelled;
    private Optional<Lane> lane;
    private final Reckoning reckoning;
    /** Requests that have become WebSockets. */
    private int sockets;
    private int lastId;

    PoolLoop(AppPool pool, EventLoop engine, int index) {
        this.pool = pool;
        this.engine = engine;
        this.index = index;
        this.lane = lane(pool.current());
        this.timeouts = new Timeouts(pool, this);
        this.reckoning = new Reckoning(pool::hasRoom);
    }

    private Optional<Lane> lane(WireGeneration generation) {
        return pool.pushes() ? Optional.empty() : Optional.of(generation.lane(index));
    }

    @Override
    public EventLoop engine() {
        return engine;
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public Optional<Job> find(int id) {
        return Optional.ofNullable(table.get(id));
    }

    @Override
    public void forEach(Consumer<Job> action) {
        for (Job job : table.values().toArray(Job[]::new)) {
            if (!job.isDone()) {
                action.accept(job);
            }
        }
    }

    boolean isEmpty() {
        return table.isEmpty();
    }

    /** Unfinished requests; any thread. */
    int active() {
        return active;
    }

    /** Requests that are reckoned to be with no worker; any thread. */
    int reckonedWaiting() {
        return reckoning.size();
    }

    /** Requests whose clients did not wait; any thread. */
    long cancelled() {
        return cancelled;
    }

    void alert(String text) {
        pool.log().alert("application \"" + pool.spec().title() + "\": " + text);
    }

    // ---- requests -----------------------------------------------------

    /** Takes a request. */
    void submit(AppRequest request) {
        if (request.isDone()) {
            return;
        }
        if (request.fieldCount() > MAX_FIELDS) {
            request.fail(TOO_MANY_FIELDS);
            return;
        }
        Job job = new Job(this, nextId(), request);
        table.put(job.id(), job);
        counted();
        request.mark(Timings.Stage.QUEUE);
        request.onLost(() -> lost(job));
        timeouts.arrived(job);
        try {
            place(job);
            if (lane.isPresent() && request.isWatched()) {
                reckoning.add(job);
            }
        } catch (RuntimeException | Error e) {
            alert("a request could not be sent: " + e);
            job.fail(FAILURE);
        }
        // After the send: a start that fails from now on finds the request in the queue.
        pool.requestArrived();
    }

    private int nextId() {
        do {
            lastId++;
        } while (lastId == 0 || table.containsKey(lastId));
        return lastId;
    }

    private void place(Job job) {
        if (lane.isEmpty()) {
            pool.push().place(job);
            return;
        }
        if (waiting.isEmpty()) {
            Lane.Offer offer = lane.get().offer(job);
            if (offer == Lane.Offer.REFUSED) {
                job.fail(FAILURE);
            }
            if (offer != Lane.Offer.FULL) {
                return;
            }
        }
        if (pool.mayWait(job)) {
            waiting.add(job);
            lane.get().awaitRoom(this::sendWaiting);
        }
    }

    private void sendWaiting() {
        while (!waiting.isEmpty()) {
            Job job = waiting.peek();
            if (!job.isDone()) {
                Lane.Offer offer = lane.orElseThrow().offer(job);
                if (offer == Lane.Offer.FULL) {
                    return;
                }
                if (offer == Lane.Offer.REFUSED) {
                    job.fail(FAILURE);
                }
            }
            waiting.remove();
            pool.waited(1);
        }
        lane.orElseThrow().idle();
    }

    private void lost(Job job) {
        if (job.isDone()) {
            return;
        }
        long count = cancelled + 1;
        cancelled = count;
        Optional<Worker> worker = job.worker();
        if (worker.isPresent()) {
            worker.get().cancel(job);
        } else if (job.state() == Job.State.QUEUED) {
            lane.ifPresent(queue -> queue.cancel(job));
        }
        finish(job);
    }

    private void counted() {
        active = table.size() - sockets;
    }

    /** A request has become a WebSocket, and counts no more. */
    void upgraded() {
        sockets++;
        counted();
    }

    /** Something of the request arrived. */
    void touch(Job job) {
        timeouts.touch(job);
    }

    /** The request needs the application no more. */
    void finish(Job job) {
        if (job.isDone()) {
            return;
        }
        table.remove(job.id());
        sockets -= job.isUpgraded() ? 1 : 0;
        counted();
        job.done();
        reckoning.settle();
        if (pool.pushes()) {
            job.worker().ifPresent(pool.push()::ended);
        }
        if (table.isEmpty()) {
            pool.emptied();
        }
    }

    // ---- orders of the home loop, run here ----------------------------

    /** Runs something here; nothing once the loop has gone. */
    void execute(Runnable task) {
        try {
            engine.execute(task);
        } catch (RejectedExecutionException e) {
            // The process ends: the requests of the loop went with it.
        }
    }

    /** Ends the requests of a dead worker: first what it has sent, then what it owes. */
    void workerGone(Worker worker) {
        worker.drain(index);
        fail(worker, 503);
    }

    /** Ends the requests that a worker has. */
    void fail(Worker worker, int status) {
        forEach(job -> {
            if (job.isWith(worker)) {
                job.fail(status);
            }
        });
    }

    /** Closes the WebSockets of a worker. */
    void goAway(Worker worker) {
        forEach(job -> {
            if (job.isWith(worker)) {
                job.goAway();
            }
        });
    }

    /** From now on requests go to another generation. */
    void move(WireGeneration next) {
        leave();
        lane = lane(next);
        if (!waiting.isEmpty()) {
            lane.ifPresent(queue -> queue.awaitRoom(this::sendWaiting));
        }
    }

    /** No request goes to the present generation any more. */
    void leave() {
        lane.ifPresent(Lane::leave);
    }

    /** A request was taken back out of another generation's queue. */
    void returned(int id) {
        find(id).filter(job -> job.state() == Job.State.QUEUED).ifPresent(job -> {
            job.waits();
            place(job);
        });
    }

    /** A request was taken back out of the queue, because nobody will serve it. */
    void withdrawn(int id) {
        find(id).filter(job -> job.state() == Job.State.QUEUED).ifPresent(Job::fail);
    }

    /** Fails waiting requests, oldest first; gives how many. */
    int failWaiting(int most) {
        int failed = 0;
        while (failed < most && !waiting.isEmpty()) {
            Job job = waiting.remove();
            pool.waited(1);
            if (!job.isDone()) {
                job.fail();
                failed++;
            }
        }
        return failed;
    }
}

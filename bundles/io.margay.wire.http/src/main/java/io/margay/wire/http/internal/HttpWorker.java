// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.http.internal;

import io.margay.dispatch.Job;
import io.margay.dispatch.WireContext;
import io.margay.dispatch.Worker;
import io.margay.dispatch.WorkerStartException;
import io.netty.buffer.ByteBuf;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A program that serves HTTP, and the connections to it. */
final class HttpWorker extends Worker {

    private static final long AGAIN_MILLIS = 5;

    private final HttpGeneration generation;
    private final HttpWire wire;
    private final WireContext context;
    private final int most;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger busy = new AtomicInteger();
    private final AtomicInteger slow = new AtomicInteger();
    private final AtomicLong finished = new AtomicLong();
    private final AtomicLong heard = new AtomicLong();
    private Optional<Place> place = Optional.empty();
    private Optional<Readiness> readiness = Optional.empty();
    private List<LoopConnections> connections = List.of();
    private SocketAddress address;
    private int pid;
    private boolean serves;
    private boolean killed;
    private boolean told;
    private volatile boolean stopping;

    HttpWorker(HttpGeneration generation) {
        super(generation);
        this.generation = generation;
        this.wire = generation.wire();
        this.context = wire.context();
        this.most = wire.contexts();
    }

    HttpWire wire() {
        return wire;
    }

    /** Where it listens. */
    SocketAddress address() {
        return address;
    }

    @Override
    public int pid() {
        return pid;
    }

    // ---- start, at home -----------------------------------------------

    @Override
    protected void start() {
        generation.begun(this);
        try {
            Place made = wire.place();
            place = Optional.of(made);
            address = made.address();
            generation.processes().startPrototype(made.told(context.app()), made.descriptors())
                .whenComplete((process, failure) -> context.home().execute(() -> started(process, failure)));
        } catch (RuntimeException e) {
            context.home().execute(() -> fails(e));
        }
    }

    private void started(Integer process, Throwable failure) {
        if (failure != null) {
            fails(failure);
            return;
        }
        pid = process;
        generation.runs(this);
        if (killed) {
            generation.processes().killWorker(Optional.empty(), pid);
            return;
        }
        Readiness probe = new Readiness(context.home(), place.orElseThrow(), wire.ready(), this::serves);
        readiness = Optional.of(probe);
        probe.look();
    }

    private void serves() {
        place.ifPresent(Place::served);
        List<LoopConnections> all = new ArrayList<>();
        for (int loop = 0; loop < context.loops().size(); loop++) {
            all.add(new LoopConnections(this, context.jobs(loop)));
        }
        connections = List.copyOf(all);
        serves = true;
        ready();
    }

    private void fails(Throwable cause) {
        release();
        failed(new WorkerStartException("failed to start application \"" + context.app().title() + "\"", cause));
    }

    // ---- end, at home -------------------------------------------------

    void processGone() {
        readiness.ifPresent(Readiness::close);
        if (serves) {
            generation.left(this);
            gone();
        } else {
            fails(new WorkerStartException("process " + pid
                + " ended before it served; what it wrote is in the log"));
        }
    }

    /** The generation ends. */
    void end() {
        if (serves) {
            stop();
        } else {
            kill();
        }
    }

    @Override
    protected void stop() {
        if (!stopping) {
            stopping = true;
            context.onAllLoops(loop -> connections.get(loop).shrink(), this::leaveWhenIdle);
        }
    }

    boolean isStopping() {
        return stopping;
    }

    /** Many servers end at once when they are told to: so they are told when they have nothing to do. */
    private void leaveWhenIdle() {
        if (busy.get() == 0 && !told && state() != State.GONE) {
            told = true;
            generation.processes().stop(pid);
        }
    }

    @Override
    protected void kill() {
        killed = true;
        if (pid != 0) {
            generation.processes().killWorker(Optional.empty(), pid);
        }
    }

    @Override
    protected void drain(int loop) {
        connections.get(loop).drain();
    }

    @Override
    protected void release() {
        generation.left(this);
        readiness.ifPresent(Readiness::close);
        place.ifPresent(Place::close);
    }

    // ---- counters, any thread -----------------------------------------

    @Override
    protected int running() {
        return busy.get();
    }

    @Override
    protected long served() {
        return finished.get();
    }

    @Override
    protected long progress() {
        return slow.get() > 0 ? System.nanoTime() : heard.get() + finished.get();
    }

    void heard() {
        heard.lazySet(heard.get() + 1);
    }

    /** A client is slower than the worker, or not any more. */
    void slow(int change) {
        slow.addAndGet(change);
    }

    /** It has finished with a request. */
    void ended() {
        finished.incrementAndGet();
        if (busy.decrementAndGet() == 0 && stopping) {
            context.home().execute(this::leaveWhenIdle);
        }
    }

    /** A request that it was given goes to another worker, since it takes no connection. */
    void declines(Job job) {
        busy.decrementAndGet();
        handBack(job);
    }

    /** Takes the right to one more connection. */
    boolean mayOpen() {
        if (open.incrementAndGet() <= most) {
            return true;
        }
        open.decrementAndGet();
        return false;
    }

    void closed() {
        open.decrementAndGet();
    }

    // ---- requests, on their loops -------------------------------------

    @Override
    protected void take(Job job) {
        busy.incrementAndGet();
        connections.get(job.loop()).take(job);
    }

    /** As many connections as it may have are open, so one that idles on another loop makes room for this request. */
    void makeRoom(Job job, int asked) {
        if (job.isDone()) {
            ended();
            return;
        }
        LoopConnections mine = connections.get(job.loop());
        if (asked == connections.size()) {
            mine.engine().schedule(AGAIN_MILLIS, () -> retake(mine, job));
            return;
        }
        LoopConnections other = connections.get((job.loop() + asked) % connections.size());
        execute(other, () -> {
            boolean given = other.giveUp();
            execute(mine, () -> {
                if (given) {
                    mine.open(job);
                } else {
                    makeRoom(job, asked + 1);
                }
            });
        });
    }

    private void retake(LoopConnections mine, Job job) {
        if (job.isDone()) {
            ended();
        } else {
            mine.take(job);
        }
    }

    private static void execute(LoopConnections on, Runnable task) {
        try {
            on.engine().execute(task);
        } catch (RejectedExecutionException e) {
            // The process ends, and its requests with it.
            return;
        }
    }

    @Override
    protected boolean takesFrames(Job job) {
        return job.link() instanceof Connection;
    }

    @Override
    protected boolean frame(Job job, ByteBuf frame) {
        if (job.link() instanceof Connection connection) {
            return connection.frame(frame);
        }
        frame.release();
        return true;
    }

    @Override
    protected void cancel(Job job) {
        if (job.link() instanceof Connection connection) {
            connection.abandon(job);
        }
    }
}

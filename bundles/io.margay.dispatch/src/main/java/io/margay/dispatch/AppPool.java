// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.engine.EventLoop;
import io.margay.http.Exchange;
import io.margay.lang.AppSpec;
import io.margay.lang.Language;
import io.margay.log.ErrorLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * One application of the configuration in the router: its queue, its workers, and when they are started and stopped
 * ({@code spec/app-dispatch.md}), whatever the wire. A changed application is another pool.
 *
 * <p>Requests are handled on the loop that owns their client; decisions about processes are made on the first loop, the
 * pool's home. Methods may be called from any thread unless they say otherwise.
 */
public final class AppPool implements Backend {

    /** Requests that may wait in this process. */
    static final int MAX_WAITING = 131_072;
    private static final int FAILURE = 500;

    private final AppSpec spec;
    private final ErrorLog log;
    private final EventLoop home;
    private final List<EventLoop> engines;
    private final List<PoolLoop> loops = new ArrayList<>();
    private final Wire wire;
    private final boolean pushes;
    private final int contexts;
    private final PushQueue push;
    private final StartPause pause;
    private final Staff staff;
    private final Moves moves;
    private final IdleReaper reaper;
    private final int max;
    private final int spare;
    private final CopyOnWriteArrayList<WireGeneration> generations = new CopyOnWriteArrayList<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean evaluating = new AtomicBoolean();
    private final CompletableFuture<Void> retired = new CompletableFuture<>();
    private volatile WireGeneration current;
    private volatile boolean retiring;
    private volatile boolean started;

    /**
     * Makes the queue of an application; no process is started yet.
     *
     * @param spec the application
     * @param language its language
     * @param factory opens the wire that the language speaks
     * @param home the loop on which processes are managed
     * @param engines those that serve clients, in the order of their indexes
     * @param control orders processes
     * @param log takes what an administrator has to know
     * @throws RuntimeException when it cannot be had; nothing is left open then
     */
    public AppPool(AppSpec spec, Language language, WireFactory factory, EventLoop home, List<EventLoop> engines,
            ProcessControl control, ErrorLog log) {
        this.spec = spec;
        this.log = log;
        this.engines = List.copyOf(engines);
        this.home = home;
        this.max = spec.maxProcesses();
        this.spare = spec.spareProcesses();
        this.push = new PushQueue(this);
        this.pause = new StartPause(home, this::evaluate);
        this.staff = new Staff(this, pause);
        this.moves = new Moves(this);
        this.reaper = new IdleReaper(this);
        this.wire = factory.open(new PoolContext(this, language, control));
        this.pushes = wire.flow() == Wire.Flow.PUSH;
        this.contexts = wire.contexts();
        this.current = open();
        for (EventLoop engine : engines) {
            this.loops.add(new PoolLoop(this, engine, this.loops.size()));
        }
    }

    /** The application. */
    public AppSpec spec() {
        return spec;
    }

    /** How many loops it serves. */
    public int loopCount() {
        return engines.size();
    }

    // ---- requests, on their loops -------------------------------------

    @Override
    public void submit(Exchange exchange, int target) {
        exchange.timings().application(spec.name());
        submit(exchange.loop().index(), new ExchangeRequest(exchange, target));
    }

    /**
     * Gives a request to the application; on the loop of that index.
     *
     * @param loop the index
     * @param request its body is complete
     */
    public void submit(int loop, AppRequest request) {
        loops.get(loop).submit(request);
    }

    /** Asks for a worker if the rules want one; a request has just come. */
    void requestArrived() {
        if (staff.processes() + staff.pending() < max && needsStart() && evaluating.compareAndSet(false, true)) {
            home.execute(() -> {
                evaluating.set(false);
                evaluate();
            });
        }
    }

    /** A loop has no request any more. */
    void emptied() {
        if (retiring) {
            home.execute(moves::endIfDrained);
        }
    }

    /** Whether one more request may wait in this process; it is counted then, and else answered. */
    boolean mayWait(Job job) {
        if (waiting.incrementAndGet() <= MAX_WAITING) {
            return true;
        }
        waiting.decrementAndGet();
        log.alert("stream #" + Integer.toUnsignedString(job.id()) + ", app '" + spec.title()
            + "': failed to send app message");
        job.fail(FAILURE);
        return false;
    }

    void waited(int count) {
        waiting.addAndGet(-count);
    }

    /** A request has timed out in a worker. */
    void stuck(Worker worker) {
        home.execute(() -> staff.stuck(worker));
    }

    /** Unfinished requests; any thread. */
    int active() {
        int sum = 0;
        for (PoolLoop loop : loops) {
            sum += loop.active();
        }
        return sum;
    }

    /** Whether more requests could be with workers than are reckoned to be; any thread. */
    boolean hasRoom() {
        int with = active();
        for (PoolLoop loop : loops) {
            with -= loop.reckonedWaiting();
        }
        return with < contexts * staff.processes();
    }

    // ---- processes ----------------------------------------------------

    /**
     * Starts workers up to {@code spare}, one after the other, as a configuration is applied.
     *
     * @return completes when they are ready; fails with {@link WorkerStartException}, and the pool is to be retired
     *     then
     */
    public CompletionStage<Void> start() {
        return start(0);
    }

    /** The same, and at least so many workers. */
    public CompletionStage<Void> start(int least) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        home.execute(() -> new FirstWorkers(this, Math.max(spare, Math.min(least, max)), result).next(0));
        return result;
    }

    /** While it is parked no worker is stopped for being idle. */
    public void park(boolean now) {
        home.execute(() -> reaper.pause(now));
    }

    @Override
    public CompletionStage<Void> restart() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        home.execute(() -> {
            pause.forget();
            try {
                moves.restart(pushes).handle((ok, failure) ->
                    failure == null ? result.complete(null) : result.completeExceptionally(failure));
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    /** Another generation, since the present one cannot be trusted. */
    void renew() {
        try {
            moves.restart(false);
        } catch (RuntimeException e) {
            log.alert("application \"" + spec.title() + "\" cannot be restarted: " + e.getMessage());
        }
    }

    /**
     * The configuration that comes into force does not have this application: requests that have begun are finished,
     * but workers that hang are ended and do not keep it.
     */
    public void supersede() {
        home.execute(staff::superseded);
    }

    /** The server leaves: WebSockets, which would last for as long as their clients want, are closed. */
    public void goAway() {
        onAllLoops(loop -> loop.forEach(Job::goAway), () -> { });
    }

    @Override
    public CompletionStage<Void> retire() {
        retiring = true;
        home.execute(() -> {
            staff.superseded();
            if (staff.processes() + staff.pending() == 0) {
                // Nothing is started for them any more, not even after a pause.
                moves.withdraw(Integer.MAX_VALUE);
            }
            moves.endIfDrained();
        });
        return retired;
    }

    /**
     * Tells that a process is gone.
     *
     * @param worker its pid
     * @param start the start that failed, or 0 if it had been ready
     */
    public void workerGone(int worker, int start) {
        home.execute(() -> generations.forEach(generation -> generation.processGone(worker, start)));
    }

    /** Tells that a prototype is gone. */
    public void prototypeGone(int prototype) {
        home.execute(() -> generations.forEach(generation -> generation.prototypeGone(prototype)));
    }

    @Override
    public PoolStatus status() {
        int ready = staff.processes();
        int requests = active();
        long cancelled = loops.stream().mapToLong(PoolLoop::cancelled).sum();
        return new PoolStatus(ready, staff.pending(), Math.max(0, ready - requests), requests, staff.leaving(),
            cancelled, pause.isFailing());
    }

    // ---- home loop ----------------------------------------------------

    /** Starts a worker if it may and should. */
    void evaluate() {
        if (!retiring && started && !pause.isOn() && canStart() && needsStart()) {
            staff.more();
        }
    }

    private boolean canStart() {
        return staff.processes() + staff.pending() < max && staff.pending() < Math.max(spare, 1);
    }

    private boolean needsStart() {
        int requests = active();
        int idle = Math.max(0, staff.processes() - requests);
        return requests > contexts * staff.processes() + staff.pending() || spare > idle + staff.pending();
    }

    /** A start failed: without workers, what waits has nobody to wait for ({@code §3}). */
    void startFailed(WireGeneration generation) {
        pause.failed();
        if (generation != current || staff.hasServed(generation) && !retiring) {
            // It is being replaced, or will be when its last start has failed: requests wait, through a pause, too.
            evaluate();
        } else if (started && staff.processes() == 0) {
            // No more than there are now: who comes while these are sent away has a start of his own to wait for.
            moves.withdraw(staff.pending() == 0 ? active() : 1);
        }
    }

    /** Processes of a generation came or went. */
    void changed(WireGeneration generation) {
        if (moves.isEnding(generation) && generation.isDeserted()) {
            moves.close(generation);
        }
    }

    WireGeneration open() {
        WireGeneration generation = wire.open();
        generations.add(generation);
        return generation;
    }

    /** Runs something on each loop, then something at home. */
    void onAllLoops(Consumer<PoolLoop> each, Runnable then) {
        AtomicInteger left = new AtomicInteger(loops.size());
        for (PoolLoop loop : loops) {
            loop.execute(() -> {
                try {
                    each.accept(loop);
                } finally {
                    if (left.decrementAndGet() == 0) {
                        home.execute(then);
                    }
                }
            });
        }
    }

    void current(WireGeneration generation) {
        current = generation;
    }

    WireGeneration current() {
        return current;
    }

    /** All open generations. */
    List<WireGeneration> generations() {
        return generations;
    }

    void started() {
        started = true;
    }

    boolean isStarted() {
        return started;
    }

    boolean isRetiring() {
        return retiring;
    }

    void retirementDone() {
        retired.complete(null);
    }

    boolean pushes() {
        return pushes;
    }

    int contexts() {
        return contexts;
    }

    PushQueue push() {
        return push;
    }

    Staff staff() {
        return staff;
    }

    IdleReaper reaper() {
        return reaper;
    }

    List<PoolLoop> loops() {
        return loops;
    }

    List<EventLoop> engines() {
        return engines;
    }

    EventLoop home() {
        return home;
    }

    ErrorLog log() {
        return log;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.engine.EventLoop;
import io.margay.http.Exchange;
import io.margay.lang.AppSpec;
import io.margay.lang.RequestEncoder;
import io.margay.posix.Processes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * One application of the configuration in the router: its queue, its workers, and when they are started and stopped
 * ({@code spec/app-dispatch.md}). A changed application is another pool. Workers take requests by themselves from a
 * socket that they share.
 *
 * <p>Requests are handled on the loop that owns their client; decisions about processes are made on the first loop, the
 * pool's home. Methods may be called from any thread unless they say otherwise.
 */
public final class AppPool {

    /** Requests that may wait in this process for room in the request socket. */
    static final int MAX_WAITING = 131_072;

    private final AppSpec spec;
    private final PoolLog log;
    private final EventLoop home;
    private final ProcessControl control;
    private final List<PoolLoop> loops = new ArrayList<>();
    private final Starts starts;
    private final Moves moves;
    private final IdleReaper reaper;
    private final StartPause pause;
    private final int pid = Processes.pid();
    private final int max;
    private final int spare;
    private final CopyOnWriteArrayList<Channel> channels = new CopyOnWriteArrayList<>();
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean evaluating = new AtomicBoolean();
    private final CompletableFuture<Void> retired = new CompletableFuture<>();
    private volatile Channel current;
    private volatile int processes;
    private volatile int pending;
    private volatile int contexts;
    private volatile boolean retiring;
    private boolean started;

    /**
     * Makes the queue of an application; no process is started yet.
     *
     * @param spec the application
     * @param encoders makes an encoder for each loop
     * @param loops the router's loops in the order of their indexes
     * @param control orders processes
     * @param log takes what an administrator has to know
     */
    public AppPool(AppSpec spec, Supplier<RequestEncoder> encoders, List<EventLoop> loops, ProcessControl control,
                   PoolLog log) {
        this.spec = spec;
        this.log = log;
        this.control = control;
        this.home = loops.getFirst();
        this.max = spec.maxProcesses();
        this.spare = spec.spareProcesses();
        this.starts = new Starts(this, control);
        this.moves = new Moves(this, control);
        this.reaper = new IdleReaper(this, control);
        this.pause = new StartPause(home, this::evaluate);
        this.current = open();
        for (EventLoop loop : loops) {
            this.loops.add(new PoolLoop(this, loop, this.loops.size(), encoders.get()));
        }
    }

    /** The application. */
    public AppSpec spec() {
        return spec;
    }

    // ---- requests, on their loops -------------------------------------

    /**
     * Gives a request to the application. On the loop of the exchange.
     *
     * @param exchange its body is complete
     * @param target index of the application's target
     */
    public void submit(Exchange exchange, int target) {
        loops.get(exchange.loop().index()).submit(new ExchangeRequest(exchange, target));
    }

    void submit(int loop, AppRequest request) {
        loops.get(loop).submit(request);
    }

    void began() {
        active.incrementAndGet();
    }

    void ended() {
        if (active.decrementAndGet() == 0 && retiring) {
            home.execute(moves::endIfDrained);
        }
    }

    /** Asks for a worker if the rules want one; a request has just been put into the queue. */
    void requestArrived() {
        if (processes + pending < max && needsStart() && evaluating.compareAndSet(false, true)) {
            home.execute(() -> {
                evaluating.set(false);
                evaluate();
            });
        }
    }

    /** Whether one more request may wait in this process; it is counted then. */
    boolean mayWait() {
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            return false;
        }
        return true;
    }

    void waited(int count) {
        waiting.addAndGet(-count);
    }

    // ---- processes ----------------------------------------------------

    /**
     * Starts workers up to {@code spare}, one after the other, as a configuration is applied.
     *
     * @return completes when they are ready; fails with {@link StartException}, and the pool is to be retired then
     */
    public CompletionStage<Void> start() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        home.execute(() -> startNext(result));
        return result;
    }

    private void startNext(CompletableFuture<Void> result) {
        if (processes >= spare) {
            started = true;
            result.complete(null);
            return;
        }
        starts.begin().whenComplete((ok, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
            } else {
                startNext(result);
            }
        });
    }

    /** New processes of the same configuration; running requests finish on the old ones ({@code §8}). */
    public void restart() {
        home.execute(() -> {
            pause.forget();
            moves.restart();
        });
    }

    /**
     * Ends the pool when its last request is finished ({@code §9.3}); nobody may submit any more.
     *
     * @return completes when all processes are gone and everything is closed
     */
    public CompletionStage<Void> retire() {
        retiring = true;
        home.execute(() -> {
            if (processes + pending == 0) {
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
     * @param stream the start that failed, or 0 if it had been ready
     */
    public void workerGone(int worker, int stream) {
        home.execute(() -> channels.forEach(channel -> gone(channel, worker, stream)));
    }

    /** Tells that a prototype is gone. */
    public void prototypeGone(int prototype) {
        home.execute(() -> {
            for (Channel channel : channels) {
                if (channel.prototype.filter(p -> p == prototype).isPresent()) {
                    channel.control.drain();
                    channel.prototype = Optional.empty();
                    starts.prototypeGone(channel);
                    changed(channel);
                }
            }
        });
    }

    /** The counters. They are read one by one, so they may not fit each other for an instant. */
    public PoolStatus status() {
        int ready = processes;
        int requests = active.get();
        return new PoolStatus(ready, pending, Math.max(0, ready - requests), requests);
    }

    // ---- home loop ----------------------------------------------------

    /** Starts a worker if it may and should. */
    void evaluate() {
        if (!retiring && started && !pause.isOn() && canStart() && needsStart()) {
            starts.begin();
        }
    }

    private boolean canStart() {
        return processes + pending < max && pending < Math.max(spare, 1);
    }

    private boolean needsStart() {
        int requests = active.get();
        int idle = Math.max(0, processes - requests);
        return requests > contexts + pending || spare > idle + pending;
    }

    /** A worker is ready; one that nobody waits for any more is told to stop. */
    void ready(WorkerLink worker, boolean late) {
        worker.channel.workers.put(worker.pid, worker);
        for (PoolLoop loop : loops) {
            List<ReplySocket> replies = worker.replies.get(loop.index());
            loop.engine().execute(() -> replies.forEach(ReplySocket::open));
        }
        if (!late) {
            pending(-1);
            pause.succeeded();
            count(worker, 1);
        } else {
            worker.leaving = true;
        }
        if (late || worker.channel.ending) {
            worker.channel.prototype.ifPresent(prototype -> control.quitWorker(prototype, worker.pid));
        }
        reaper.arm();
        evaluate();
    }

    /** Counts a worker in or out. */
    void count(WorkerLink worker, int sign) {
        processes += sign;
        contexts += sign * worker.contexts;
    }

    void pending(int change) {
        pending += change;
    }

    /** A worker or one that was to become one is gone; hears it from the prototype, from main, or from both. */
    void gone(Channel channel, int worker, int stream) {
        if (stream != 0 && channel.starts.containsKey(stream)) {
            starts.failed(channel, stream);
            return;
        }
        WorkerLink link = channel.workers.remove(worker);
        if (link == null) {
            return;
        }
        if (!link.leaving) {
            count(link, -1);
            if (link.diedUnused()) {
                pause.failed();
            }
        }
        moves.onAllLoops(loop -> loop.workerGone(link), () -> {
            channel.slots.free(link.slot, link.contexts);
            evaluate();
            changed(channel);
        });
    }

    /** A start failed: without workers, what waits has nobody to wait for ({@code §3}). */
    void startFailed(Channel channel) {
        pause.failed();
        if (channel != current) {
            // Its generation is being replaced, so the requests may wait for another.
            evaluate();
        } else if (started && processes == 0) {
            // No more than there are now: who comes while these are sent away has a start of his own to wait for.
            moves.withdraw(pending == 0 ? active.get() : 1);
        }
    }

    /** Processes of a generation came or went. */
    void changed(Channel channel) {
        if (channel.ending && channel.isDeserted()) {
            moves.close(channel);
        }
    }

    Channel open() {
        Channel channel = new Channel(this);
        channels.add(channel);
        home.execute(channel.control::open);
        return channel;
    }

    void current(Channel channel) {
        current = channel;
    }

    void retirementDone() {
        retired.complete(null);
    }

    boolean isDrained() {
        return retiring && active.get() == 0;
    }

    boolean isMoving() {
        return moves.isMoving();
    }

    Channel current() {
        return current;
    }

    /** All open generations; a loop may use what it finds here until its task ends. */
    List<Channel> channels() {
        return channels;
    }

    List<PoolLoop> loops() {
        return loops;
    }

    Starts starts() {
        return starts;
    }

    EventLoop home() {
        return home;
    }

    PoolLog log() {
        return log;
    }

    int pid() {
        return pid;
    }

    int processes() {
        return processes;
    }
}

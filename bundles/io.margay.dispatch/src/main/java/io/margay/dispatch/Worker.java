// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.engine.Timer;
import io.netty.buffer.ByteBuf;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One process that serves requests. The wire says how it is started, stopped and given requests; the pool when. Used
 * on the home loop, except where noted.
 */
@ConsumerType
public abstract class Worker {

    /** Where a worker is in its life. */
    public enum State {
        /** Not started yet. */
        NEW,
        /** On its way to readiness. */
        STARTING,
        /** Serving. */
        READY,
        /** Told to leave, not counted any more. */
        LEAVING,
        /** Gone. */
        GONE
    }

    /** Completes when it is ready, or fails. */
    final CompletableFuture<Void> result = new CompletableFuture<>();
    /** Completes when it is gone. */
    final CompletableFuture<Void> left = new CompletableFuture<>();
    /** Requests that it may still be given, where they are pushed; any loop. */
    final AtomicInteger room = new AtomicInteger();
    /** Requests that it was given, where they are pushed; any loop. */
    final AtomicInteger given = new AtomicInteger();
    State state = State.NEW;
    /** Whether it is counted as failed already; when it becomes ready after all it is told to stop. */
    boolean late;
    Optional<Timer> deadline = Optional.empty();
    /** Whether it has turned out to take nothing any more. */
    boolean declined;
    /** Since when it is idle, {@link System#nanoTime}; 0 while it is busy. */
    long idleSince;
    long readyAt;
    private final WireGeneration generation;
    private AppPool pool;
    private long looked;

    /** A worker of a generation. */
    protected Worker(WireGeneration generation) {
        this.generation = generation;
    }

    final void of(AppPool owner) {
        pool = owner;
    }

    /** The generation that it belongs to. */
    public final WireGeneration generation() {
        return generation;
    }

    /** Where it is in its life. */
    public final State state() {
        return state;
    }

    /** Whether its start took too long, so that nobody waits for it. */
    public final boolean isExpired() {
        return late;
    }

    // ---- what the wire does -------------------------------------------

    /** The pid, 0 as long as it is not known. */
    public abstract int pid();

    /** Starts the process; {@link #ready} or {@link #failed} follows. */
    protected abstract void start();

    /** Lets it end when it has finished what it has; it takes nothing more. */
    protected abstract void stop();

    /** Ends it at once, whatever it is doing; {@link #gone} or {@link #failed} follows. */
    protected abstract void kill();

    /** Requests that it works on now, as far as that is known. */
    protected abstract int running();

    /** Requests that it has finished. */
    protected abstract long served();

    /** Another number whenever something was heard of it, or while a slow client keeps it. */
    protected abstract long progress();

    /** Takes a request, where requests are pushed; on the loop of the request. */
    protected void take(Job job) {
        throw new UnsupportedOperationException("workers pull");
    }

    /** Whether the wire carries frames of a WebSocket to who has answered a request with 101; on its loop. */
    protected boolean takesFrames(Job job) {
        return false;
    }

    /**
     * Takes a frame of a client whose request it has answered with 101; on the loop of the request.
     *
     * @param frame complete and masked, as it came; taken over
     * @return whether it takes more now; if not, the wire calls {@link Job#resume}
     */
    protected boolean frame(Job job, ByteBuf frame) {
        frame.release();
        throw new UnsupportedOperationException("the wire carries no WebSockets");
    }

    /** A request that it works on is not wanted any more; on the loop of the request. */
    protected abstract void cancel(Job job);

    /** It is gone: finds out what it had of a loop, and lets go of what it used there; on that loop. */
    protected abstract void drain(int loop);

    /** It is gone, and no loop uses it any more. */
    protected abstract void release();

    // ---- what the wire tells ------------------------------------------

    /** It serves. */
    protected final void ready() {
        pool.staff().ready(this);
    }

    /** It did not become ready; the pool does not ask for it again. */
    protected final void failed(WorkerStartException reason) {
        pool.staff().failed(this, reason);
    }

    /** Its process is gone after it was ready. */
    protected final void gone() {
        pool.staff().gone(this);
    }

    /**
     * It turns out to take nothing any more, though nobody has said so yet: a request that it was given, and of which
     * nothing was sent, goes to another. On the loop of the request.
     */
    protected final void handBack(Job job) {
        pool.push().handBack(this, job);
    }

    /** It breaks the rules of the wire: it is ended, and its generation with it; from any thread. */
    protected final void misbehaved(String how) {
        pool.home().execute(() -> pool.staff().misbehaved(this, how));
    }

    // ---- what the pool sees -------------------------------------------

    /** Whether it ended soon after its start without a request: another one would hardly do better. */
    final boolean diedUnused(long usefulNanos) {
        return running() == 0 && served() == 0 && System.nanoTime() - readyAt < usefulNanos;
    }

    /** Looks; true when it has no request, and since when tells {@link #idleSince}. */
    final boolean isIdle(long now) {
        boolean busy = running() > 0;
        long total = served();
        if (busy) {
            idleSince = 0;
        } else if (idleSince == 0 || total != looked) {
            idleSince = now;
        }
        looked = total;
        return !busy;
    }
}

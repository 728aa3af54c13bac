// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import io.margay.dispatch.Job;
import io.margay.dispatch.Jobs;
import io.margay.dispatch.Worker;
import io.margay.dispatch.WorkerStartException;
import io.margay.posix.Fd;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/** A worker with its reply sockets. */
final class PortWorker extends Worker {

    /** More than there is between the end of a socket and the news that its process has died, on a busy machine. */
    private static final long DEATH_MILLIS = 3_000;

    /** The number that names its start. */
    final int stream;
    final int slot;
    final int contexts;
    /** Ends of the reply sockets that have arrived before it was ready. */
    final List<Fd> fds = new ArrayList<>();
    /** Whether its first prototype died over its start. */
    boolean retried;
    /** Why its start is failing, in its own words. */
    Optional<String> reason = Optional.empty();
    private final PortGeneration generation;
    private final AtomicBoolean cut = new AtomicBoolean();
    private int pid;
    /** By loop, then by context. */
    private List<List<ReplySocket>> replies = List.of();

    PortWorker(PortGeneration generation, int stream, int slot, int contexts) {
        super(generation);
        this.generation = generation;
        this.stream = stream;
        this.slot = slot;
        this.contexts = contexts;
    }

    PortGeneration owner() {
        return generation;
    }

    @Override
    public int pid() {
        return pid;
    }

    @Override
    protected void start() {
        generation.begin(this);
    }

    @Override
    protected void stop() {
        generation.stop(this);
    }

    @Override
    protected void kill() {
        generation.kill(this);
    }

    /** It has told its pid and handed over all its sockets. */
    void serves(int process) {
        pid = process;
        int loops = generation.context().loops().size();
        List<List<ReplySocket>> all = new ArrayList<>();
        for (int loop = 0; loop < loops; loop++) {
            Jobs jobs = generation.context().jobs(loop);
            List<ReplySocket> sockets = new ArrayList<>();
            for (int context = 0; context < contexts; context++) {
                sockets.add(new ReplySocket(jobs, generation.lanes(loop), this, fds.get(context * loops + loop)));
            }
            all.add(List.copyOf(sockets));
            open(jobs, sockets);
        }
        fds.clear();
        replies = List.copyOf(all);
        ready();
    }

    private static void open(Jobs jobs, List<ReplySocket> sockets) {
        try {
            jobs.engine().execute(() -> sockets.forEach(ReplySocket::open));
        } catch (RejectedExecutionException e) {
            // The process ends, and its descriptors with it: a worker that gets ready at that moment serves nobody.
            return;
        }
    }

    void fails(WorkerStartException why) {
        failed(why);
    }

    void isGone() {
        gone();
    }

    void lies(String how) {
        misbehaved(how);
    }

    /**
     * A reply socket has ended, as all of them do when the process dies. Whoever lives on has closed them, or has
     * become another program: nothing will ever come from there, and no process starts in its place while it counts
     * as one. Any loop.
     */
    void isCut() {
        if (cut.compareAndSet(false, true)) {
            try {
                generation.context().home().execute(() -> after(DEATH_MILLIS, false));
            } catch (RejectedExecutionException e) {
                // The router ends, and its workers with it.
                return;
            }
        }
    }

    private void after(long millis, boolean patient) {
        generation.context().home().schedule(millis, () -> {
            if (state() != State.READY) {
                // It is gone, or is watched since it is to leave.
                return;
            }
            if (running() > 0 || patient) {
                misbehaved("it has closed its sockets or become another program");
            } else {
                // What an application does at its exit may take its time.
                after(generation.context().app().stopMillis(), true);
            }
        });
    }

    @Override
    protected int running() {
        int busy = 0;
        for (int i = slot; i < slot + contexts; i++) {
            busy += generation.slots().active(i);
        }
        return busy;
    }

    @Override
    protected long served() {
        long total = 0;
        for (int i = slot; i < slot + contexts; i++) {
            total += generation.slots().served(i);
        }
        return total;
    }

    @Override
    protected long progress() {
        long heard = served();
        for (List<ReplySocket> sockets : replies) {
            for (ReplySocket socket : sockets) {
                if (socket.isPaused()) {
                    return System.nanoTime();
                }
                heard += socket.messages();
            }
        }
        return heard;
    }

    @Override
    protected void cancel(Job job) {
        generation.slots().cancel(job.loop(), job.id());
        if (job.link() instanceof ReplySocket socket) {
            socket.cancel(job);
        }
    }

    @Override
    protected boolean takesFrames(Job job) {
        return job.link() instanceof ReplySocket socket && socket.takesFrames();
    }

    @Override
    protected boolean frame(Job job, ByteBuf frame) {
        if (job.link() instanceof ReplySocket socket) {
            return socket.frame(job, frame);
        }
        frame.release();
        return true;
    }

    @Override
    protected void drain(int loop) {
        replies.get(loop).forEach(ReplySocket::drain);
        Jobs jobs = generation.context().jobs(loop);
        PortLane lane = generation.lanes(loop);
        for (int i = slot; i < slot + contexts; i++) {
            int id = generation.slots().loop(i) == loop ? generation.slots().stream(i) : 0;
            jobs.find(id).filter(job -> job.link() == lane).ifPresent(job -> job.taken(this, null));
        }
        OrphanCheck.begin(generation, jobs, lane);
    }

    @Override
    protected void release() {
        generation.free(this);
    }

    /** Forgets what has arrived. */
    void close() {
        fds.forEach(Fd::close);
        fds.clear();
    }
}

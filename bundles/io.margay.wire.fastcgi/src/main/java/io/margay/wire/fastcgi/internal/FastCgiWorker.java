// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.fastcgi.internal;

import io.margay.dispatch.Job;
import io.margay.dispatch.Worker;
import io.margay.dispatch.WorkerStartException;
import io.margay.engine.EventLoop;
import io.margay.http.Records;
import io.margay.lang.RequestEncoder;
import io.margay.posix.PosixException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A place for one process of the application: the connection that it has accepted, by which it gets one request after
 * the other. When the process ends, is busy after its response, or has a request that was given up, the next request
 * gets another connection, and so another process.
 */
final class FastCgiWorker extends Worker {

    private static final int TOO_LARGE = 431;
    private static final int ERROR = 400;
    private static final int UNAVAILABLE = 503;
    private static final long NANOS = 1_000_000;
    /** Time for a process to come back from a response: longer, and it goes on with something. */
    private static final long TAIL = 20 * NANOS;
    private static final long POLL_MILLIS = 20;

    private final FastCgiGeneration generation;
    /** All that are open. */
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean over = new AtomicBoolean();
    /** The one for the next request, or that of the present one. Belongs to whoever has the place in the pool. */
    private volatile Optional<Link> current = Optional.empty();
    private volatile int pid;
    private volatile long served;
    private volatile boolean stopping;
    private boolean starting;

    FastCgiWorker(FastCgiGeneration generation) {
        super(generation);
        this.generation = generation;
    }

    FastCgiGeneration owner() {
        return generation;
    }

    Set<Link> links() {
        return links;
    }

    @Override
    public int pid() {
        return pid;
    }

    // ---- start, at home -----------------------------------------------

    @Override
    protected void start() {
        starting = true;
        generation.begin(this);
    }

    /** The application listens, or will soon. */
    void greet() {
        if (!starting) {
            return;
        }
        try {
            Link link = connect();
            Greeting.write(LinkBuffer.OUT.get().bytes);
            if (!link.begin(generation.context().home(), -1, Upload.NONE, new Greeting(this), false)) {
                fails("it does not accept connections");
            }
        } catch (PosixException e) {
            fails(e.getMessage());
        }
    }

    void greeted() {
        if (starting) {
            starting = false;
            ready();
        }
    }

    /** It will not serve. */
    void fails(String why) {
        if (starting && over.compareAndSet(false, true)) {
            starting = false;
            links.forEach(Link::closeAnywhere);
            generation.left(this);
            failed(new WorkerStartException("failed to start application \"" + generation.context().app().title()
                + "\"", new WorkerStartException(why)));
        }
    }

    // ---- requests, on their loops -------------------------------------

    private Link connect() {
        Link link = new Link(this, generation.connect());
        links.add(link);
        current = Optional.of(link);
        generation.watch();
        return link;
    }

    @Override
    protected void take(Job job) {
        RequestEncoder encoder = generation.encoder(job.loop());
        Optional<RequestEncoder.Answer> answer = encoder.answer(job.request());
        if (answer.isPresent()) {
            answer(job, answer.get());
            return;
        }
        send(job);
    }

    private static void answer(Job job, RequestEncoder.Answer answer) {
        if (answer.status() >= ERROR) {
            job.fail(answer.status());
        } else if (job.head(answer.status(), Unpooled.wrappedBuffer(answer.fields()))) {
            job.data(Unpooled.EMPTY_BUFFER, true);
        }
    }

    /** Finds a connection for the request. */
    private void send(Job job) {
        if (job.isDone()) {
            return;
        }
        EventLoop loop = generation.context().jobs(job.loop()).engine();
        Optional<Link> idle = current;
        boolean busy = false;
        if (idle.isPresent()) {
            busy = !idle.get().hasReturned();
            if (idle.get().isBusy() || busy && idle.get().idleNanos(System.nanoTime()) > TAIL) {
                // It goes on after its response, or with a request that was given up: it finishes that by itself.
                generation.tail(idle.get());
                idle = Optional.empty();
                busy = false;
            } else if (busy && generation.hasTails()) {
                loop.schedule(1, () -> send(job));
                return;
            }
        }
        try {
            if (idle.isEmpty() || !begin(loop, idle.get(), job, busy)) {
                // What was idle has ended since; it has got nothing, so another one may have it.
                if (!job.isDone() && !begin(loop, connect(), job, false) && !job.isDone()) {
                    generation.alert("no process accepts connections");
                    job.fail(UNAVAILABLE);
                }
            }
        } catch (PosixException e) {
            generation.alert("a request could not be sent: " + e.getMessage());
            job.fail(UNAVAILABLE);
        }
    }

    private boolean begin(EventLoop loop, Link link, Job job, boolean atOnce) {
        ByteBuf out = LinkBuffer.OUT.get().bytes.clear();
        Records.begin(out);
        int at = out.writerIndex();
        out.writerIndex(at + Records.HEADER);
        if (!generation.encoder(job.loop()).encode(job.request(), out)) {
            job.fail(TOO_LARGE);
            return false;
        }
        int length = out.writerIndex() - at - Records.HEADER;
        if (length <= Records.MOST) {
            int end = out.writerIndex();
            out.writerIndex(at);
            Records.header(out, Records.PARAMS, length);
            out.writerIndex(end);
            Records.header(out, Records.PARAMS, 0);
        } else {
            split(out, at, length);
        }
        Upload upload = new Upload(job.request());
        upload.fill(out);
        generation.watch();
        job.taken(this, link);
        return link.begin(loop, job.loop(), upload, new Reply(this, link, job), atOnce);
    }

    private static void split(ByteBuf out, int at, int length) {
        ByteBuf pairs = out.alloc().heapBuffer(length).writeBytes(out, at + Records.HEADER, length);
        out.writerIndex(at);
        Records.params(out, pairs);
        pairs.release();
    }

    /** The request of a connection is over. */
    void finished(Link link) {
        served++;
        if (stopping) {
            leaveSoon();
        }
    }

    /** The connection knows its process. */
    void met(Link link) {
        pid = Math.max(0, link.pid());
    }

    @Override
    protected void cancel(Job job) {
        if (job.link() instanceof Link link) {
            unwanted(link);
        }
    }

    /** What the connection brings is not wanted; on its loop. */
    void unwanted(Link link) {
        letGo(link);
        link.abandon();
    }

    private void letGo(Link link) {
        if (current.filter(link::equals).isPresent()) {
            current = Optional.empty();
        }
    }

    // ---- end ----------------------------------------------------------

    /** A connection is closed; on any thread. */
    void closed(Link link) {
        links.remove(link);
        letGo(link);
        if (stopping) {
            leaveSoon();
        }
    }

    @Override
    protected void stop() {
        stopping = true;
        leaveSoon();
    }

    /** Behind what the loops have at hand, since one of them may be giving it a request. */
    private void leaveSoon() {
        generation.context().onAllLoops(loop -> { }, this::leave);
    }

    private void leave() {
        boolean tails = false;
        for (Link link : links) {
            if (!link.isBusy()) {
                if (link.hasReturned()) {
                    link.close();
                } else {
                    tails = true;
                }
            }
        }
        if (links.isEmpty()) {
            goes();
        } else if (tails) {
            generation.context().home().schedule(POLL_MILLIS, this::leave);
        }
    }

    /** It has ended, or has no way to serve any more; at home. */
    void goes() {
        if (starting) {
            fails("its processes have ended");
        } else if (over.compareAndSet(false, true)) {
            generation.left(this);
            gone();
        }
    }

    @Override
    protected void kill() {
        links.forEach(link -> {
            if (link.pid() > 0) {
                generation.context().processes().killWorker(Optional.empty(), link.pid());
            }
        });
        if (starting) {
            fails("it was ended");
        } else {
            goes();
        }
    }

    @Override
    protected int running() {
        int busy = 0;
        for (Link link : links) {
            busy += link.isBusy() || !link.hasReturned() ? 1 : 0;
        }
        return busy;
    }

    @Override
    protected long served() {
        return served;
    }

    @Override
    protected long progress() {
        long heard = served;
        for (Link link : links) {
            heard += link.progress();
        }
        return heard;
    }

    @Override
    protected void drain(int loop) {
        links.forEach(link -> {
            if (link.loopIndex() == loop) {
                link.close();
            }
        });
    }

    @Override
    protected void release() {
        links.forEach(Link::closeAnywhere);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.dispatch.Job;
import io.margay.dispatch.ProcessControl.Descriptor;
import io.margay.dispatch.Worker;
import io.margay.dispatch.WorkerStartException;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** A process with its ports and its memory. */
final class LibunitWorker extends Worker {

    private static final byte GRACEFUL = 1;

    private final LibunitGeneration generation;
    private final ControlPort control;
    /** Its own ports by their numbers. */
    private final Map<Integer, AppPort> ports = new ConcurrentHashMap<>();
    private final AtomicReferenceArray<InSegment> segments;
    private final ReplyPort[] replies;
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger pauses = new AtomicInteger();
    private final AtomicLong served = new AtomicLong();
    private final AtomicLong heard = new AtomicLong();
    private volatile boolean liar;
    private Optional<String> lie = Optional.empty();
    private int pid;
    private boolean answered;
    private boolean serving;
    private boolean unwanted;
    private volatile boolean released;

    LibunitWorker(LibunitGeneration generation) {
        super(generation);
        this.generation = generation;
        this.replies = new ReplyPort[generation.lanes().size()];
        long limit = generation.context().app().maxMemory();
        this.segments = new AtomicReferenceArray<>((int) Math.max(1, (Math.min(limit, 0xFFFF_FFFFL) + Segment.ROOM - 1)
            / Segment.ROOM));
        this.control = new ControlPort(this);
    }

    LibunitGeneration owner() {
        return generation;
    }

    @Override
    public int pid() {
        return pid;
    }

    boolean isServing() {
        return serving;
    }

    void alert(String text) {
        generation.context().log().alert("application \"" + generation.context().app().title() + "\": " + text);
    }

    int maxHead() {
        return generation.context().app().maxHead();
    }

    // ---- start and end, home loop ---------------------------------------

    @Override
    protected void start() {
        control.open();
        int[] theirs = control.theirs();
        generation.processes().startPrototype(generation.context().app(), List.of(
            new Descriptor("ready", theirs[0]), new Descriptor("router", theirs[0]),
            new Descriptor("in", theirs[1]), new Descriptor("out", control.writing()),
            new Descriptor("requests", generation.sharedRead()),
            new Descriptor("queue", generation.queue().number())))
            .whenComplete((process, failure) -> generation.context().home().execute(() -> started(process, failure)));
    }

    private void started(Integer process, Throwable failure) {
        control.closeTheirs();
        if (failure != null) {
            fail(failure);
            return;
        }
        pid = process;
        generation.known(pid, this);
        if (unwanted) {
            kill();
        }
        accuse();
        readyWhenComplete();
    }

    private void fail(Throwable cause) {
        release();
        failed(generation.failure(cause));
    }

    /** It has answered with its first port. */
    void answered(AppPort port) {
        if (answered) {
            port.close();
            throw new Broken("it is ready twice");
        }
        answered = true;
        ports.put(0, port);
        readyWhenComplete();
    }

    boolean hasAnswered() {
        return answered;
    }

    private void readyWhenComplete() {
        if (pid != 0 && answered && !serving && !unwanted) {
            serving = true;
            acknowledge(ports.get(0));
            ready();
        }
    }

    private void acknowledge(AppPort port) {
        MessageBuffer out = MessageBuffer.OUT.get();
        out.bytes.clear();
        UnitProtocol.header(out.bytes, 0, 0, UnitProtocol.PORT_ACK, true, false);
        port.send();
    }

    /** It has another port. */
    void addPort(int id, AppPort port) {
        if (ports.putIfAbsent(id, port) != null) {
            port.close();
            throw new Broken("it sent a port that it has already");
        }
        acknowledge(port);
    }

    int portCount() {
        return ports.size();
    }

    @Override
    protected void stop() {
        MessageBuffer out = MessageBuffer.OUT.get();
        out.bytes.clear();
        UnitProtocol.header(out.bytes, 0, 0, UnitProtocol.QUIT, true, false);
        out.bytes.writeByte(GRACEFUL);
        AppPort port = ports.get(0);
        if (port != null) {
            careful(port::send);
        }
    }

    @Override
    protected void kill() {
        unwanted = !serving;
        if (pid != 0) {
            generation.processes().killWorker(Optional.empty(), pid);
        }
    }

    /** Main has seen its end. */
    void isGone() {
        control.drain();
        control.close();
        if (serving) {
            gone();
        } else {
            fail(new WorkerStartException("process " + pid + lie.map(how -> " was ended: " + how).orElse(
                " ended before it served; what it wrote is in the log")));
        }
    }

    /** It breaks the rules; any thread. */
    void lies(String how) {
        if (!liar) {
            liar = true;
            generation.context().home().execute(() -> {
                control.close();
                lie = Optional.of(how);
                accuse();
            });
        }
    }

    /** Names it; one whose pid is not known yet, when it is. */
    private void accuse() {
        if (serving) {
            lie.ifPresent(this::misbehaved);
        } else if (pid != 0) {
            lie.ifPresent(how -> {
                alert("app process " + pid + " is killed: " + how);
                kill();
            });
        }
    }

    @Override
    protected void drain(int loop) {
        LibunitLane lane = generation.lanes().get(loop);
        if (replies[loop] != null) {
            replies[loop].drain();
        }
        lane.forEach(flight -> {
            if (flight.worker.filter(this::equals).isPresent()) {
                lane.forget(flight);
                flight.claim.release();
                flight.frames.ifPresent(Frames::close);
            }
        });
        LostRequests.begin(generation, generation.context().jobs(loop), lane);
    }

    @Override
    protected void release() {
        if (released) {
            return;
        }
        released = true;
        control.close();
        ports.values().forEach(AppPort::close);
        for (ReplyPort reply : replies) {
            if (reply != null) {
                reply.closeTheirs();
            }
        }
        for (int i = 0; i < segments.length(); i++) {
            InSegment segment = segments.getAndSet(i, null);
            if (segment != null) {
                segment.done();
            }
        }
        generation.remove(this);
    }

    // ---- what the pool asks, home loop ----------------------------------

    @Override
    protected int running() {
        return running.get();
    }

    @Override
    protected long served() {
        return served.get();
    }

    @Override
    protected long progress() {
        boolean kept = pauses.get() > 0;
        for (int i = 0; i < segments.length() && !kept; i++) {
            InSegment segment = segments.get(i);
            kept = segment != null && segment.isHeld();
        }
        return kept ? System.nanoTime() : heard.get() + served.get();
    }

    /** There is no word for it, except for a WebSocket: the response will be dropped. */
    @Override
    protected void cancel(Job job) {
        heard.incrementAndGet();
        if (job.isUpgraded() && job.link() instanceof Flight flight && !released) {
            frames(flight).end();
        }
    }

    @Override
    protected boolean takesFrames(Job job) {
        return job.link() instanceof Flight;
    }

    @Override
    protected boolean frame(Job job, ByteBuf frame) {
        if (job.link() instanceof Flight flight) {
            return frames(flight).take(frame);
        }
        frame.release();
        return true;
    }

    private Frames frames(Flight flight) {
        if (flight.frames.isEmpty()) {
            flight.frames = Optional.of(new Frames(flight, this,
                generation.context().jobs(flight.job.loop()).engine()));
        }
        return flight.frames.get();
    }

    /** Sends what stands in {@link MessageBuffer#OUT} to a port of the process. */
    void say(int port) {
        careful(() -> port(port).send());
    }

    /** Whether a port of the process does not take what it is sent. */
    boolean isBehind(int port) {
        AppPort known = ports.get(port);
        return known != null && known.isBehind();
    }

    // ---- what its ports tell, any thread --------------------------------

    void heard() {
        heard.incrementAndGet();
    }

    void took() {
        running.incrementAndGet();
    }

    void finished() {
        running.decrementAndGet();
        served.incrementAndGet();
    }

    /** So many more of its requests keep it from being read. */
    void pauses(int more) {
        pauses.addAndGet(more);
    }

    /** The port by which one loop hears of it; made when it is asked for, at home. */
    ReplyPort reply(int loop) {
        if (replies[loop] == null) {
            ReplyPort made = new ReplyPort(this, generation.lanes().get(loop), generation.context().jobs(loop));
            replies[loop] = made;
            generation.context().jobs(loop).engine().execute(made::open);
        }
        return replies[loop];
    }

    AppPort port(int id) {
        AppPort port = ports.get(id);
        if (port == null) {
            throw new Broken("it has no port " + id);
        }
        return port;
    }

    void addSegment(InSegment segment) {
        int id = segment.id();
        if (id < 0 || id >= segments.length() || !segments.compareAndSet(id, null, segment)) {
            segment.done();
            throw new Broken("it sent memory with the number " + Integer.toUnsignedString(id) + " of "
                + segments.length());
        }
        segment.open();
    }

    InSegment segment(int id) {
        InSegment segment = id < 0 || id >= segments.length() ? null : segments.get(id);
        if (segment == null) {
            throw new Broken("it sent bytes in memory that it has not sent: " + Integer.toUnsignedString(id));
        }
        return segment;
    }

    /** It has no room for responses; perhaps there is some meanwhile. */
    void lacksMemory() {
        for (int i = 0; i < segments.length(); i++) {
            InSegment segment = segments.get(i);
            if (segment != null && segment.hasFree()) {
                hasMemory();
                return;
            }
        }
    }

    /** There is room again, for which it has asked. */
    void hasMemory() {
        careful(() -> ports.values().forEach(port -> {
            MessageBuffer out = MessageBuffer.OUT.get();
            out.bytes.clear();
            UnitProtocol.header(out.bytes, 0, 0, UnitProtocol.SHM_ACK, true, false);
            port.send();
        }));
    }

    private void careful(Runnable sending) {
        try {
            sending.run();
        } catch (Broken e) {
            lies(e.getMessage());
        } catch (InternalError e) {
            lies("it has cut its memory");
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.dispatch.Lane;
import io.margay.dispatch.ProcessControl;
import io.margay.dispatch.WireContext;
import io.margay.dispatch.WireGeneration;
import io.margay.dispatch.Worker;
import io.margay.dispatch.WorkerStartException;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The processes of one generation, the queue that they share, the socket that wakes them, and the memory in which
 * requests are. Everything else is of one process alone.
 */
final class LibunitGeneration implements WireGeneration {

    private final WireContext context;
    private final ProcessControl processes;
    private final AppQueue queue;
    private final Fd shared;
    private final Fd sharedRead;
    private final List<LibunitLane> lanes = new ArrayList<>();
    private final Map<Integer, OutSegments.One> segments = new ConcurrentHashMap<>();
    private final AtomicInteger segmentIds = new AtomicInteger();
    /** Processes whose pids are known; home loop, like the next. */
    private final Map<Integer, LibunitWorker> byPid = new HashMap<>();
    private final Set<LibunitWorker> workers = new HashSet<>();
    private final AtomicBoolean worn = new AtomicBoolean();
    private volatile boolean open = true;
    private boolean ending;

    LibunitGeneration(WireContext context) {
        this.context = context;
        processes = context.processes().generation();
        queue = new AppQueue();
        Fd[] pair;
        try {
            pair = Sockets.seqpacketPair();
        } catch (RuntimeException e) {
            queue.close();
            throw e;
        }
        shared = pair[0];
        sharedRead = pair[1];
        // Who loses the race for a word must not wait for the next one.
        Sockets.nonBlocking(sharedRead, true);
        for (int i = 0; i < context.loops().size(); i++) {
            lanes.add(new LibunitLane(this, i));
        }
    }

    WireContext context() {
        return context;
    }

    /** Orders processes of this generation. */
    ProcessControl processes() {
        return processes;
    }

    AppQueue queue() {
        return queue;
    }

    /** What processes inherit to be woken by. */
    int sharedRead() {
        return sharedRead.number();
    }

    /** Whether its memory is there; any thread. */
    boolean isOpen() {
        return open;
    }

    List<LibunitLane> lanes() {
        return lanes;
    }

    @Override
    public Lane lane(int loop) {
        return lanes.get(loop);
    }

    // ---- memory and queue, any thread -----------------------------------

    /** Makes another segment for requests. */
    OutSegments.One addSegment() {
        OutSegments.One made = new OutSegments.One(segmentIds.getAndIncrement());
        segments.put(made.id, made);
        return made;
    }

    Optional<OutSegments.One> segment(int id) {
        return Optional.ofNullable(segments.get(id));
    }

    /** Tells processes to look into the queue. */
    void wake(int stream, int port) {
        MessageBuffer out = MessageBuffer.OUT.get();
        out.bytes.clear();
        UnitProtocol.header(out.bytes, stream, port, UnitProtocol.READ_QUEUE, false, false);
        try {
            // Without room there are words enough that nobody has read yet.
            Sockets.send(shared.number(), out.segment, 0, UnitProtocol.HEADER, new int[0]);
        } catch (PosixException | IllegalStateException e) {
            // Nobody is there.
        }
    }

    /** The queue cannot take many requests any more. */
    void wornOut() {
        if (worn.compareAndSet(false, true)) {
            context.replace(this);
        }
    }

    /** The processes have destroyed what they share; nobody knows which of them. */
    void broken(Broken how) {
        context.home().execute(() -> List.copyOf(workers).forEach(worker -> worker.lies(how.getMessage())));
    }

    @Override
    public int takeBack(int most, Returned returned) {
        try {
            return queue.takeBack(most, (stream, job) -> {
                int loop = LibunitLane.loop(stream, lanes.size());
                context.jobs(loop).engine().execute(() -> lanes.get(loop).takenBack(stream));
                returned.returned(loop, job);
            });
        } catch (Broken e) {
            broken(e);
            return 0;
        }
    }

    // ---- processes, home loop -------------------------------------------

    @Override
    public Worker worker() {
        try {
            LibunitWorker worker = new LibunitWorker(this);
            workers.add(worker);
            return worker;
        } catch (PosixException e) {
            throw new WorkerStartException("application \"" + context.app().title() + "\": " + e.getMessage(), e);
        }
    }

    void known(int pid, LibunitWorker worker) {
        byPid.put(pid, worker);
        if (ending && !worker.isServing()) {
            worker.kill();
        }
    }

    /** Nothing is left of a process. */
    void remove(LibunitWorker worker) {
        byPid.remove(worker.pid(), worker);
        workers.remove(worker);
    }

    WorkerStartException failure(Throwable cause) {
        return new WorkerStartException("failed to start application \"" + context.app().title() + "\"", cause);
    }

    @Override
    public void processGone(int pid, int start) {
        Optional.ofNullable(byPid.remove(pid)).ifPresent(worker -> {
            worker.isGone();
            // It may have taken the word that was for another one.
            wake(0, 0);
        });
    }

    @Override
    public void prototypeGone(int pid) {
        processGone(pid, 0);
    }

    /** Takes a request back; false when a process has it, or there is no queue any more. Any loop. */
    boolean cancel(int item, int stream) {
        try {
            return open && queue.cancel(item, stream);
        } catch (IllegalStateException e) {
            // As below.
            return false;
        }
    }

    /** Whether a request is not in the queue any more; so it is when there is no queue any more. Any loop. */
    boolean hasLeft(int position) {
        try {
            return !open || queue.hasLeft(position);
        } catch (IllegalStateException e) {
            // The home loop has just closed it.
            return true;
        }
    }

    @Override
    public void end() {
        ending = true;
        for (LibunitWorker worker : List.copyOf(workers)) {
            if (worker.isServing()) {
                worker.stop();
            } else {
                worker.kill();
            }
        }
    }

    @Override
    public boolean isDeserted() {
        return workers.isEmpty();
    }

    @Override
    public void close() {
        open = false;
        List.copyOf(workers).forEach(LibunitWorker::release);
        processes.endGeneration();
        shared.close();
        sharedRead.close();
        queue.close();
        segments.values().forEach(segment -> segment.memory.close());
        segments.clear();
    }
}

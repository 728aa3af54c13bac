// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import io.margay.dispatch.Lane;
import io.margay.dispatch.ProcessControl.Descriptor;
import io.margay.dispatch.WireContext;
import io.margay.dispatch.WireGeneration;
import io.margay.dispatch.Worker;
import io.margay.dispatch.WorkerStartException;
import io.margay.lang.RequestEncoder;
import io.margay.port.StartWorker;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The sockets and processes of one generation. The request socket and the slots are used by all loops, the rest by the
 * home loop.
 */
final class PortGeneration implements WireGeneration {

    /** Processes by pid once they are ready. */
    final Map<Integer, PortWorker> workers = new HashMap<>();
    /** Processes on their way by the number of their start. */
    final Map<Integer, PortWorker> starts = new HashMap<>();
    /** The prototype's pid once it is ready. */
    Optional<Integer> prototype = Optional.empty();

    private final WireContext context;
    private final Slots slots;
    private final AtomicReferenceArray<PortWorker> bySlot = new AtomicReferenceArray<>(Slots.COUNT);
    private final List<PortWorker> waiting = new ArrayList<>();
    private final List<PortLane> lanes = new ArrayList<>();
    private final WorkerControl control;
    private final Fd requestWrite;
    private final Fd requestRead;
    private boolean prototypeStarting;
    private boolean ending;

    PortGeneration(WireContext context, List<RequestEncoder> encoders) {
        this.context = context;
        Fd[] pair = Sockets.pair(Sockets.SOCK_SEQPACKET);
        requestWrite = pair[0];
        requestRead = pair[1];
        List<AutoCloseable> made = new ArrayList<>(List.of(requestWrite, requestRead));
        try {
            // The other end stays in blocking mode: workers sleep in recv(). Nobody may write there.
            Sockets.nonBlocking(requestWrite, true);
            Sockets.shutdown(requestRead, Sockets.SHUT_WR);
            slots = new Slots();
            made.add(slots);
            control = new WorkerControl(this);
            made.add(control);
            for (int i = 0; i < encoders.size(); i++) {
                lanes.add(new PortLane(this, i, encoders.get(i)));
            }
        } catch (RuntimeException e) {
            made.forEach(PortGeneration::closeQuietly);
            throw e;
        }
        context.home().execute(control::open);
    }

    private static void closeQuietly(AutoCloseable made) {
        try {
            made.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    WireContext context() {
        return context;
    }

    Slots slots() {
        return slots;
    }

    /** Where loops write requests. */
    int request() {
        return requestWrite.number();
    }

    /** What workers read; the pool reads it to take requests back. */
    int requestRead() {
        return requestRead.number();
    }

    PortLane lanes(int loop) {
        return lanes.get(loop);
    }

    @Override
    public Lane lane(int loop) {
        return lanes.get(loop);
    }

    // ---- requests -----------------------------------------------------

    @Override
    public int takeBack(int most, Returned returned) {
        NativeBuffer in = NativeBuffer.IN.get();
        int count = 0;
        while (count < most) {
            Received received;
            try {
                received = Sockets.receive(requestRead(), in.segment);
            } catch (PosixException e) {
                context.log().alert("application \"" + context.app().title() + "\": " + e.getMessage());
                return count;
            }
            if (received.length() <= 0) {
                return count;
            }
            if (received.length() >= Messages.REQUEST_HEADER && Messages.loop(in.bytes) < lanes.size()) {
                count++;
                returned.returned(Messages.loop(in.bytes), Messages.stream(in.bytes));
            }
        }
        return count;
    }

    @Override
    public void look(int loop, Running running) {
        for (int slot = slots.high() - 1; slot >= 0; slot--) {
            int stream = slots.stream(slot);
            if (stream != 0 && slots.loop(slot) == loop) {
                PortWorker worker = bySlot.get(slot);
                if (worker != null) {
                    running.running(stream, worker);
                }
            }
        }
    }

    // ---- starts -------------------------------------------------------

    @Override
    public Worker worker() {
        int contexts = context.app().threads();
        int slot = slots.allocate(contexts);
        if (slot < 0) {
            throw new WorkerStartException("application \"" + context.app().title() + "\" has more than " + Slots.COUNT
                + " threads");
        }
        return new PortWorker(this, context.processes().nextStream(), slot, contexts);
    }

    void begin(PortWorker worker) {
        starts.put(worker.stream, worker);
        if (prototype.isPresent()) {
            order(worker);
        } else {
            waiting.add(worker);
            startPrototype();
        }
    }

    private void order(PortWorker worker) {
        context.processes().startWorker(prototype.orElseThrow(), worker.stream,
            new StartWorker(lanes.size(), worker.slot).encode());
    }

    private void startPrototype() {
        if (prototypeStarting) {
            return;
        }
        prototypeStarting = true;
        context.processes().startPrototype(context.app(), List.of(new Descriptor("request", requestRead()),
            new Descriptor("slots", slots.number()), new Descriptor("router", control.writing())))
            .whenComplete((pid, failure) -> context.home().execute(() -> prototypeDone(pid, failure)));
    }

    private void prototypeDone(Integer pid, Throwable failure) {
        prototypeStarting = false;
        // Out of the list first, since a failure may begin another start.
        List<PortWorker> mine = List.copyOf(waiting);
        waiting.clear();
        if (failure != null) {
            WorkerStartException reason =
                new WorkerStartException("failed to start prototype \"" + context.app().title() + "\"", failure);
            mine.forEach(worker -> fail(worker, reason));
        } else {
            prototype = Optional.of(pid);
            if (ending) {
                context.processes().quitPrototype(pid);
            }
            mine.forEach(this::order);
        }
        context.changed(this);
    }

    /** A worker reported ready; false when the descriptors are not taken over. */
    boolean ready(int stream, int pid, int contexts, int loops, int[] fds, boolean last) {
        PortWorker worker = starts.get(stream);
        boolean known = worker != null && pid > 0 && !workers.containsKey(pid);
        if (!known || contexts != worker.contexts || loops != lanes.size()) {
            return false;
        }
        int missing = contexts * loops - worker.fds.size() - fds.length;
        if (missing < 0 || last && missing > 0) {
            return false;
        }
        for (int number : fds) {
            Fd fd = Fd.own(number);
            worker.fds.add(fd);
            Sockets.nonBlocking(fd, true);
        }
        if (last) {
            starts.remove(stream);
            workers.put(pid, worker);
            for (int i = worker.slot; i < worker.slot + worker.contexts; i++) {
                bySlot.set(i, worker);
            }
            worker.serves(pid);
        }
        return true;
    }

    /** A worker says why it is about to fail; the words are for people, and only the prototype ends the start. */
    void reason(int stream, String text) {
        Optional.ofNullable(starts.get(stream)).ifPresent(worker -> worker.reason = Optional.of(text));
    }

    void fail(PortWorker worker, WorkerStartException reason) {
        if (starts.remove(worker.stream, worker)) {
            worker.close();
            free(worker);
            worker.fails(reason);
        }
    }

    private WorkerStartException failure(PortWorker worker) {
        String text = "failed to start application \"" + context.app().title() + "\"";
        return worker.reason.map(reason -> new WorkerStartException(text, new WorkerStartException(reason)))
            .orElseGet(() -> new WorkerStartException(text));
    }

    // ---- ends ---------------------------------------------------------

    void stop(PortWorker worker) {
        prototype.ifPresent(pid -> context.processes().quitWorker(pid, worker.pid()));
    }

    void kill(PortWorker worker) {
        if (worker.pid() != 0) {
            context.processes().killWorker(prototype, worker.pid());
        } else if (waiting.remove(worker)) {
            // Nobody was told to start it, so nobody will tell of its end.
            fail(worker, failure(worker));
        } else {
            prototype.ifPresent(pid -> context.processes().killStart(pid, worker.stream));
        }
    }

    @Override
    public void processGone(int pid, int start) {
        if (start != 0) {
            // It may have said why, and main has told of its end by another way.
            control.drain();
        }
        gone(pid, start);
    }

    /** The same by the word of the prototype, which came after all that the process has said. */
    void gone(int pid, int start) {
        PortWorker starting = start == 0 ? null : starts.get(start);
        if (starting != null) {
            if (starting.reason.isEmpty()) {
                starting.reason = Optional.of("process " + pid
                    + " ended before it served; what it wrote is in the log");
            }
            fail(starting, failure(starting));
        } else {
            Optional.ofNullable(workers.remove(pid)).ifPresent(PortWorker::isGone);
        }
    }

    /** The start failed by the word of the prototype. */
    void startFailed(int stream) {
        Optional.ofNullable(starts.get(stream)).ifPresent(worker -> fail(worker, failure(worker)));
    }

    /**
     * The prototype has gone, and with it everything that it was told to start. Each start gets a second chance with
     * another prototype, since this one may have died long before the start.
     */
    @Override
    public void prototypeGone(int pid) {
        if (prototype.filter(known -> known == pid).isEmpty()) {
            return;
        }
        control.drain();
        prototype = Optional.empty();
        for (PortWorker worker : List.copyOf(starts.values())) {
            if (worker.retried || ending || worker.isExpired()) {
                fail(worker, failure(worker));
            } else {
                worker.retried = true;
                worker.close();
                waiting.add(worker);
                startPrototype();
            }
        }
        context.changed(this);
    }

    void free(PortWorker worker) {
        for (int i = worker.slot; i < worker.slot + worker.contexts; i++) {
            bySlot.set(i, null);
        }
        slots.free(worker.slot, worker.contexts);
    }

    @Override
    public void end() {
        if (!ending) {
            ending = true;
            prototype.ifPresent(context.processes()::quitPrototype);
        }
        // Workers see the end of the queue once it is empty: they leave even when no prototype is there to ask.
        Sockets.shutdown(requestWrite, Sockets.SHUT_WR);
    }

    @Override
    public boolean isDeserted() {
        return workers.isEmpty() && starts.isEmpty() && prototype.isEmpty() && !prototypeStarting;
    }

    @Override
    public void close() {
        starts.values().forEach(PortWorker::close);
        starts.clear();
        control.close();
        requestWrite.close();
        requestRead.close();
        slots.close();
    }
}

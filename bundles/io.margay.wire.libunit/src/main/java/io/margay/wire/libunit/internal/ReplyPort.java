// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.dispatch.Job;
import io.margay.dispatch.Jobs;
import io.margay.engine.FdHandler;
import io.margay.engine.Watch;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Optional;

/**
 * The port by which one process answers one loop: to the process it is a port of the router like in Unit, but no other
 * process has the same socket and queue. Made at home, used on the loop. The process runs foreign code, so what it says
 * is believed only where it can be true; one that says anything else is reported and ended.
 */
final class ReplyPort implements FdHandler {

    /** Messages before others have their turn. */
    private static final int TURN = 64;
    /** Bytes that a response may have in messages while its client takes nothing, before nothing more is read. */
    private static final int ALLOWANCE = 1 << 20;
    /** Of the beginning of a body that comes with the head; more stays where it is until the client takes it. */
    private static final int MOST_COPIED = 65_536;
    private static final int FAILURE = 500;

    private final LibunitWorker worker;
    private final LibunitLane lane;
    private final Jobs jobs;
    /** What the process gets: the other end, and the memory of the queue. */
    private final Fd theirs;
    private final PortQueue queue;
    private final PortReader reader;
    private Optional<Watch> watch = Optional.empty();
    private boolean scheduled;
    private boolean closed;
    private int slow;

    ReplyPort(LibunitWorker worker, LibunitLane lane, Jobs jobs) {
        this.worker = worker;
        this.lane = lane;
        this.jobs = jobs;
        Fd[] pair = Sockets.seqpacketPair();
        theirs = pair[1];
        try {
            queue = PortQueue.make();
        } catch (RuntimeException e) {
            pair[0].close();
            pair[1].close();
            throw e;
        }
        reader = new PortReader(pair[0], Optional.of(queue));
    }

    /** Descriptors for the process; at home, before {@link #closeTheirs}. */
    int[] descriptors() {
        return new int[] {theirs.number(), queue.number()};
    }

    /** The process is gone; at home. */
    void closeTheirs() {
        theirs.close();
    }

    /** Begins to read; on the loop. */
    void open() {
        if (!closed) {
            watch = Optional.of(jobs.engine().watch(reader.socket().number(), this, true, false));
        }
    }

    @Override
    public void ready(boolean readable, boolean writable, boolean hangup) {
        turn();
    }

    private void later() {
        scheduled = false;
        turn();
    }

    private void turn() {
        if (!scheduled && read(TURN) && !closed) {
            scheduled = true;
            jobs.engine().execute(this::later);
        }
    }

    /** Reads what a dead process has left, and ends. */
    void drain() {
        slow = 0;
        // More than the queue and the socket hold: an end for one that has left copies of itself behind.
        for (int i = 0; i < 512 && read(TURN); i++) {
            continue;
        }
        close();
    }

    private void close() {
        if (!closed) {
            closed = true;
            watch.ifPresent(Watch::cancel);
            reader.close();
        }
    }

    /** Handles messages; true when there may be more. */
    private boolean read(int most) {
        try {
            for (int i = 0; i < most && !closed && slow == 0; i++) {
                PortReader.Next next = reader.next();
                if (next == PortReader.Next.END) {
                    close();
                    return false;
                }
                if (next != PortReader.Next.MESSAGE) {
                    return next == PortReader.Next.LATER;
                }
                worker.heard();
                try {
                    message(MessageBuffer.IN.get().bytes);
                } finally {
                    reader.dropFds();
                }
            }
            return !closed && slow == 0;
        } catch (Broken e) {
            lie(e.getMessage());
        } catch (InternalError e) {
            lie("it has cut its memory");
        }
        return false;
    }

    private void lie(String how) {
        close();
        worker.lies(how);
    }

    private void message(ByteBuf message) {
        UnitProtocol.check(message);
        int payload = message.writerIndex() - UnitProtocol.HEADER;
        switch (UnitProtocol.type(message)) {
            case UnitProtocol.REQ_HEADERS_ACK -> taken(message);
            case UnitProtocol.DATA -> data(message, payload);
            case UnitProtocol.RPC_ERROR -> failed(UnitProtocol.stream(message));
            case UnitProtocol.MMAP -> segment(message, payload);
            case UnitProtocol.OOSM -> worker.lacksMemory();
            default -> throw UnitProtocol.unexpected(message);
        }
    }

    private void segment(ByteBuf message, int payload) {
        int[] fds = reader.takeFds();
        if (payload != 0 || fds.length != 1) {
            Descriptors.close(fds);
            throw UnitProtocol.unexpected(message);
        }
        worker.addSegment(new InSegment(Fd.own(fds[0])));
    }

    // ---- requests -------------------------------------------------------

    private void taken(ByteBuf message) {
        Flight flight = lane.flight(UnitProtocol.stream(message));
        if (flight == null) {
            // It was taken back at the same time, or is of a port that the process has made up: nothing depends on it.
            return;
        }
        if (flight.worker.isPresent() || !lane.queue().isTaken(flight.item(), flight.stream)) {
            throw new Broken("it says that it works on a request that it has not taken");
        }
        flight.taken(worker, UnitProtocol.replyPort(message));
        worker.took();
        lane.wakeNext(flight);
        if (flight.bodyFollows) {
            body(flight);
        }
    }

    private void body(Flight flight) {
        try (Fd file = UnitBody.of(flight.job)) {
            MessageBuffer out = MessageBuffer.OUT.get();
            out.bytes.clear();
            UnitProtocol.header(out.bytes, flight.stream, lane.port(), UnitProtocol.REQ_BODY, true, false);
            worker.port(flight.context()).send(file.number());
        } catch (PosixException e) {
            worker.alert("request body: " + e.getMessage());
            flight.job.fail(FAILURE);
        }
    }

    /** A request that the process works on; null for one that it does not have any more. */
    private Flight mine(int stream) {
        Flight flight = lane.flight(stream);
        if (flight != null && flight.worker.filter(worker::equals).isEmpty()) {
            throw new Broken("it answered a request that it does not have");
        }
        return flight;
    }

    private void failed(int stream) {
        Flight flight = mine(stream);
        if (flight != null) {
            finished(flight);
            flight.job.fail();
        }
    }

    private void finished(Flight flight) {
        lane.forget(flight);
        worker.finished();
    }

    private void data(ByteBuf message, int payload) {
        boolean last = UnitProtocol.isLast(message);
        Flight flight = mine(UnitProtocol.stream(message));
        Optional<Delivery.Chunks> chunks = UnitProtocol.isMmap(message) ? Optional.of(chunks(message, payload))
            : Optional.empty();
        if (flight == null || flight.job.isDone()) {
            // Output of a request that was given up.
            chunks.ifPresent(part -> part.release(0));
        } else if (!flight.begun) {
            flight.begun = true;
            begin(flight.job, flight.delivery, message, chunks, last);
        } else if (chunks.isPresent()) {
            flight.delivery.chunks(chunks.get(), 0, chunks.get().size(), last);
        } else {
            flight.delivery.bytes(copy(message, UnitProtocol.HEADER, payload), last);
        }
        if (flight == null) {
            return;
        }
        if (last) {
            finished(flight);
            // What the client has not taken yet does not need the process any more, which may leave now.
            flight.job.taken(null, flight);
        } else if (flight.delivery.copied() > ALLOWANCE) {
            pause(flight.delivery);
        }
    }

    private static ByteBuf copy(ByteBuf from, int at, int length) {
        return length == 0 ? Unpooled.EMPTY_BUFFER
            : ByteBufAllocator.DEFAULT.directBuffer(length, length).writeBytes(from, at, length);
    }

    private Delivery.Chunks chunks(ByteBuf message, int payload) {
        if (payload != UnitProtocol.RECORD) {
            throw UnitProtocol.unexpected(message);
        }
        InSegment segment = worker.segment(message.getIntLE(UnitProtocol.HEADER));
        int first = message.getIntLE(UnitProtocol.HEADER + 4);
        int size = message.getIntLE(UnitProtocol.HEADER + 8);
        segment.hold(first, size);
        return new Delivery.Chunks(worker, segment, first, size);
    }

    /** The head of a response, with which the body may begin. */
    private void begin(Job job, Delivery delivery, ByteBuf message, Optional<Delivery.Chunks> chunks, boolean last) {
        Optional<Delivery.Chunks> held = chunks;
        ByteBuf block = Unpooled.EMPTY_BUFFER;
        try {
            block = chunks.map(Delivery.Chunks::all).orElseGet(() ->
                message.retainedSlice(UnitProtocol.HEADER, message.writerIndex() - UnitProtocol.HEADER));
            ResponseForm form = new ResponseForm(block);
            ByteBuf content = form.content();
            if (!start(job, form)) {
                return;
            }
            if (chunks.isPresent() && content.readableBytes() > MOST_COPIED) {
                int from = form.contentAt();
                held = Optional.empty();
                delivery.chunks(chunks.get(), from, from + content.readableBytes(), last);
            } else {
                delivery.bytes(copy(content, content.readerIndex(), content.readableBytes()), last);
            }
        } catch (ResponseForm.Refused e) {
            worker.alert(e.getMessage());
            job.fail(e.status());
        } finally {
            block.release();
            held.ifPresent(part -> part.release(0));
        }
    }

    private boolean start(Job job, ResponseForm form) throws ResponseForm.Refused {
        ByteBuf lines = form.lines(worker.maxHead());
        try {
            return job.head(form.status(), lines);
        } finally {
            lines.release();
        }
    }

    // ---- slow clients ---------------------------------------------------

    private void pause(Delivery delivery) {
        slow++;
        worker.pauses(1);
        interest();
        delivery.onProgress(() -> {
            if (delivery.copied() == 0) {
                delivery.onProgress(() -> { });
                slow--;
                worker.pauses(-1);
                interest();
                turn();
            }
        });
    }

    private void interest() {
        if (!closed) {
            watch.ifPresent(known -> known.interest(slow == 0, false));
        }
    }
}

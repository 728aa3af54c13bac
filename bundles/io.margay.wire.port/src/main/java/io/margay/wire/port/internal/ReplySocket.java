// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import io.margay.dispatch.Job;
import io.margay.dispatch.Jobs;
import io.margay.engine.FdHandler;
import io.margay.engine.Watch;
import io.margay.http.FieldLines;
import io.margay.http.Fields;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Sockets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The socket by which one context of a worker answers one loop. Everything runs on that loop. While a client is slower
 * than the application nothing is read, so the context blocks in its send. The worker runs foreign code, so what it
 * says is believed only where it can be true; one that says anything else is reported and ended.
 */
final class ReplySocket implements FdHandler {

    private static final int FAILURE = 500;

    private final Jobs jobs;
    private final PortLane lane;
    private final PortWorker worker;
    private final Fd fd;
    private final HeadParts heads;
    private final int self = Processes.pid();
    private Watch watch;
    private Job slow;
    private volatile boolean paused;
    private int messages;
    /** Null as long as the context works on one request at a time. */
    private SharedReplies shared;
    /** Requests whose clients wait until the context reads. */
    private final Set<Job> full = new LinkedHashSet<>();

    ReplySocket(Jobs jobs, PortLane lane, PortWorker worker, Fd fd) {
        this.jobs = jobs;
        this.lane = lane;
        this.worker = worker;
        this.fd = fd;
        this.heads = new HeadParts(worker);
    }

    /** Whether a slow client makes it wait; any thread. */
    boolean isPaused() {
        return paused;
    }

    /** How many messages have come; any thread, where an old number does. */
    int messages() {
        return messages;
    }

    void open() {
        if (fd.isOpen()) {
            watch = jobs.engine().watch(fd.number(), this, true, false);
        }
    }

    @Override
    public void ready(boolean readable, boolean writable, boolean hangup) {
        if (writable && shared != null) {
            shared.flush();
            interest();
            if (!shared.waits() && !full.isEmpty()) {
                List<Job> again = List.copyOf(full);
                full.clear();
                again.forEach(Job::resume);
            }
        }
        // One message: a worker mostly has sent one, and asking for a second costs a system call. Of a socket that
        // hung up everything is read, since what remains are the last words of the worker.
        int more = hangup ? Integer.MAX_VALUE : 1;
        while (more-- > 0 && fd.isOpen() && (slow == null || hangup) && receive()) {
            continue;
        }
    }

    /** Reads what a dead worker has left, and ends. */
    void drain() {
        while (fd.isOpen() && receive()) {
            continue;
        }
        close();
    }

    private void close() {
        if (fd.isOpen()) {
            if (watch != null) {
                watch.cancel();
            }
            fd.close();
        }
        heads.close();
        if (shared != null) {
            shared.close();
        }
        full.clear();
        paused = false;
    }

    /** Handles one message; false when there is none. */
    private boolean receive() {
        NativeBuffer in = NativeBuffer.IN.get();
        int length;
        try {
            length = Files.read(fd.number(), in.segment, 0, in.segment.byteSize());
        } catch (PosixException e) {
            // ECONNRESET: the worker died with data from here unread.
            length = 0;
        }
        if (length == Sockets.WOULD_BLOCK) {
            return false;
        }
        if (length <= 0) {
            close();
            ended();
            worker.isCut();
            return false;
        }
        messages++;
        if (length < Messages.HEADER || length > Messages.LONGEST || Messages.pid(in.bytes) != worker.pid()) {
            return lie("it sent something that is no message of its own");
        }
        in.bytes.setIndex(Messages.HEADER, length);
        return message(in.bytes);
    }

    private boolean lie(String how) {
        close();
        worker.lies(how);
        ended();
        return false;
    }

    /** The worker may live on, but what it had taken by this socket is lost. */
    private void ended() {
        jobs.forEach(job -> {
            if (job.link() == this) {
                job.fail();
            }
        });
    }

    private boolean message(ByteBuf message) {
        int stream = Messages.stream(message);
        int type = Messages.type(message);
        Job job = jobs.find(stream).orElse(null);
        if (type != Messages.TYPE_DATA && type != Messages.TYPE_RPC_ERROR && type != Messages.TYPE_REQ_HEADERS_ACK) {
            return lie("it sent a message of the unexpected type " + type);
        }
        if (shared == null && (Messages.part(message) & Messages.PART_SHARED) != 0) {
            shared = new SharedReplies((id, word, payload) -> answer(id, word, Messages.NO_FDS, payload));
        }
        if (job == null) {
            late(stream, type, message);
            return shared == null || !shared.isDeaf() || lie("it does not read what it asked for");
        }
        Object link = job.link();
        if (link != this && link != lane && (link != null || job.state() != Job.State.RUNNING)) {
            return lie("it answered a request that it does not have");
        }
        if (link != this) {
            lane.taken(job);
            job.taken(worker, this);
        }
        switch (type) {
            case Messages.TYPE_DATA -> data(job, message, Messages.last(message));
            case Messages.TYPE_RPC_ERROR -> job.fail();
            default -> {
                // The last word of a context that has many: that the request is with it.
                if (shared == null || !Messages.last(message)) {
                    body(job);
                }
            }
        }
        return shared == null || !shared.isDeaf() || lie("it does not read what it asked for");
    }

    /** Output of a request that was given up. */
    private void late(int stream, int type, ByteBuf message) {
        if (shared != null) {
            if (type != Messages.TYPE_RPC_ERROR && !(type == Messages.TYPE_DATA && Messages.last(message))) {
                say(stream, Messages.TYPE_RPC_ERROR);
            }
        } else if (type == Messages.TYPE_REQ_HEADERS_ACK) {
            answer(stream, Messages.TYPE_RPC_ERROR, Messages.NO_FDS);
        }
    }

    /** A request of it is not wanted any more. */
    void cancel(Job job) {
        if (shared != null && fd.isOpen()) {
            say(job.id(), Messages.TYPE_RPC_ERROR);
        }
    }

    /** Whether the context reads frames. */
    boolean takesFrames() {
        return shared != null && fd.isOpen();
    }

    /** Passes a frame of a client on; whether more may come. */
    boolean frame(Job job, ByteBuf frame) {
        if (!takesFrames()) {
            frame.release();
            job.fail();
            return false;
        }
        if (!shared.frame(job.id(), frame)) {
            worker.owner().context().log().warn("application \"" + worker.owner().context().app().title()
                + "\" does not read what its WebSockets get; one is cut");
            say(job.id(), Messages.TYPE_RPC_ERROR);
            job.fail();
            return false;
        }
        interest();
        if (shared.waits()) {
            full.add(job);
        }
        return !shared.waits();
    }

    private void say(int stream, int type) {
        shared.say(stream, type);
        interest();
    }

    private void interest() {
        if (fd.isOpen()) {
            watch.interest(slow == null, shared != null && shared.waits());
        }
    }

    private void data(Job job, ByteBuf message, boolean last) {
        int flags = Messages.part(message);
        if (job.isStarted() && last && (flags & Messages.PART_TRAILERS) != 0) {
            trailers(job, message);
        } else if (!job.isStarted()) {
            if (heads.begin(job, message, last)) {
                ByteBuf rest = heads.rest();
                send(job, rest == message ? copy(message) : rest, last, flags);
            } else if (shared != null && (flags & Messages.PART_ASKS) != 0) {
                // Only a part of a head, for which nobody waits.
                say(job.id(), Messages.TYPE_SHM_ACK);
            }
        } else {
            send(job, copy(message), last, flags);
        }
    }

    private void trailers(Job job, ByteBuf message) {
        Fields fields;
        try {
            fields = FieldLines.read(message);
        } catch (IllegalArgumentException e) {
            heads.malformed(job, "what stands behind a body");
            return;
        }
        for (int i = 0; i < fields.size(); i++) {
            job.trailer(fields.name(i), fields.value(i));
        }
        job.data(Unpooled.EMPTY_BUFFER, true);
    }

    private static ByteBuf copy(ByteBuf message) {
        int length = message.readableBytes();
        return length == 0 ? Unpooled.EMPTY_BUFFER
            : ByteBufAllocator.DEFAULT.directBuffer(length, length).writeBytes(message, length);
    }

    private void send(Job job, ByteBuf part, boolean last, int flags) {
        int length = part.readableBytes();
        boolean room = job.data(part, last);
        boolean patient = (flags & Messages.PART_SHARED) != 0
            && shared.sent(job.id(), length, room, (flags & Messages.PART_ASKS) != 0);
        if (!room) {
            job.onWritable(() -> resume(job));
            if (!patient) {
                slow = job;
                paused = true;
            }
            interest();
        } else if (shared != null && shared.waits()) {
            interest();
        }
    }

    private void resume(Job job) {
        if (shared != null) {
            shared.writable(job.id());
        }
        if (slow == job) {
            slow = null;
            paused = false;
        }
        interest();
    }

    private void body(Job job) {
        try (Fd file = BodyFiles.of(job.request())) {
            if (!answer(job.id(), Messages.TYPE_REQ_BODY, new int[] {file.number()})) {
                job.fail(FAILURE);
            }
        } catch (PosixException e) {
            worker.owner().context().log().alert("request body: " + e.getMessage());
            answer(job.id(), Messages.TYPE_RPC_ERROR, Messages.NO_FDS);
            job.fail(FAILURE);
        }
    }

    private boolean answer(int stream, int type, int[] fds) {
        return answer(stream, type, fds, Unpooled.EMPTY_BUFFER);
    }

    private boolean answer(int stream, int type, int[] fds, ByteBuf payload) {
        NativeBuffer out = NativeBuffer.OUT.get();
        out.bytes.clear();
        Messages.header(out.bytes, stream, self, jobs.index(), type);
        int size = Messages.HEADER + payload.readableBytes();
        out.bytes.writerIndex(Messages.HEADER).writeBytes(payload, payload.readerIndex(), payload.readableBytes());
        try {
            return Sockets.send(fd.number(), out.segment, 0, size, fds) == size;
        } catch (PosixException e) {
            // The worker died meanwhile, which is reported and handled elsewhere.
            return true;
        }
    }
}

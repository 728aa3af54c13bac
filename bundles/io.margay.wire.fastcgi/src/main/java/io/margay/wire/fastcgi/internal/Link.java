// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.fastcgi.internal;

import io.margay.engine.EventLoop;
import io.margay.engine.FdHandler;
import io.margay.engine.Watch;
import io.margay.http.RecordException;
import io.margay.http.RecordReader;
import io.margay.http.Records;
import io.margay.posix.Descriptors;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import io.netty.buffer.ByteBuf;

/**
 * A connection to a process of the application, which serves one request after the other. A request runs on one loop;
 * between requests the connection belongs to no loop, and whoever has the place in the pool may begin the next one.
 */
final class Link implements FdHandler {

    /** Said of an application that ends in the middle. */
    static final String CLOSED = "it closed its connection before the response was complete";

    private static final int[] NO_FDS = {};
    private static final long NANOS = 1_000_000;
    /** Time after which a request without any answer is looked at. */
    private static final long SILENCE = 50 * NANOS;
    /** Time of silence after which it is asked whether the process is still there. */
    private static final long QUIET = 1000 * NANOS;

    /** Told of the response, on the loop of the request. */
    interface Reader extends RecordReader.Sink {

        /** All that had come is told; false to be told no more before {@link Link#resume}. */
        boolean pause();

        /** The response is complete; the connection is idle or closed. */
        void ended(int protocolStatus);

        /** The connection has ended before the response was complete, and is closed. */
        void broken(String how);
    }

    private final FastCgiWorker worker;
    private final Fd fd;
    private final RecordReader records = new RecordReader();
    private EventLoop loop;
    private Watch watch;
    private Reader reader;
    private Upload upload = Upload.NONE;
    private boolean paused;
    private boolean used;
    private boolean closed;
    private volatile int pid;
    private volatile int loopIndex = -1;
    /** When the request was sent, {@link System#nanoTime}; 0 between requests. */
    private volatile long begun;
    private volatile long idleSince;
    private volatile boolean heard;
    private volatile boolean waiting;
    private volatile boolean atOnce;
    private volatile long progress;
    private long nextNudge = SILENCE;
    /** What was seen last, and since when it is the same; at home. */
    private long seenRequest;
    private long seenProgress;
    private long quietSince;

    Link(FastCgiWorker worker, Fd fd) {
        this.worker = worker;
        this.fd = fd;
    }

    /** The process at the other end by the kernel's word; 0 before its first answer. */
    int pid() {
        return pid;
    }

    /** Index of the loop that runs its request, or -1. */
    int loopIndex() {
        return loopIndex;
    }

    /** Whether a request runs. */
    boolean isBusy() {
        return begun != 0;
    }

    /** How much was heard of it, or sent; another number each time while a client keeps it waiting. */
    long progress() {
        return waiting ? System.nanoTime() : progress;
    }

    /** Nanoseconds since its last request ended. */
    long idleNanos(long now) {
        return now - idleSince;
    }

    /** Whether the process has come back from its last request: it has read all that it was sent. */
    boolean hasReturned() {
        try {
            return !fd.isOpen() || Descriptors.unsent(fd.number()) == 0;
        } catch (PosixException e) {
            // Closed meanwhile.
            return true;
        }
    }

    // ---- requests -----------------------------------------------------

    /**
     * Sends a request, whose beginning is in the thread's {@link LinkBuffer#OUT}; on the loop.
     *
     * @param body what is sent after it
     * @param last whether the process may still be busy with the request before
     * @return false when there is nobody at the other end, so that nothing was sent and nothing is told
     */
    boolean begin(EventLoop on, int index, Upload body, Reader to, boolean last) {
        ByteBuf out = LinkBuffer.OUT.get().bytes;
        loop = on;
        loopIndex = index;
        reader = to;
        upload = body;
        heard = false;
        atOnce = last;
        long now = System.nanoTime();
        begun = now == 0 ? 1 : now;
        try {
            int sent = Sockets.send(fd.number(), LinkBuffer.OUT.get().segment, 0, out.readableBytes(), NO_FDS);
            out.skipBytes(Math.max(0, sent));
            upload.rest(out);
            watch = loop.watch(fd.number(), this, true, !upload.isDone());
            return true;
        } catch (PosixException e) {
            close();
            return false;
        }
    }

    @Override
    public void ready(boolean readable, boolean writable, boolean hangup) {
        try {
            if (writable && !upload.isDone()) {
                send();
            }
            if ((readable || hangup) && !paused && fd.isOpen()) {
                receive();
            }
        } catch (PosixException e) {
            breaks(e.errno() == Errno.ECONNRESET ? CLOSED : "its connection broke: " + e.getMessage());
        }
    }

    private void send() {
        try {
            if (upload.send(fd.number())) {
                interest();
            }
            progress++;
        } catch (PosixException e) {
            if (e.errno() != Errno.EPIPE && e.errno() != Errno.ECONNRESET) {
                throw e;
            }
            // It reads no more, but may have answered before.
            upload.lose();
            interest();
        }
    }

    private void receive() {
        LinkBuffer in = LinkBuffer.IN.get();
        int length = pid == 0 ? first(in) : Files.read(fd.number(), in.segment, 0, LinkBuffer.SIZE);
        if (length == Sockets.WOULD_BLOCK) {
            return;
        }
        if (length <= 0) {
            breaks(CLOSED);
            return;
        }
        heard = true;
        progress++;
        in.bytes.setIndex(0, length);
        try {
            boolean ended = records.read(in.bytes, reader);
            if (closed) {
                // What came was refused.
                return;
            }
            if (ended) {
                ends(in.bytes.isReadable());
            } else if (!reader.pause() && !closed) {
                paused = true;
                waiting = true;
                interest();
            }
        } catch (RecordException e) {
            breaks("it sent " + e.getMessage());
        }
    }

    /** Reads for the first time, and learns who is there. */
    private int first(LinkBuffer in) {
        Received received = Sockets.receive(fd.number(), in.segment);
        Descriptors.close(received.fds());
        if (received.length() > 0) {
            pid = received.pid() == 0 ? -1 : received.pid();
            worker.met(this);
        }
        return received.wouldBlock() ? Sockets.WOULD_BLOCK : received.length();
    }

    private void ends(boolean more) {
        Reader told = reader;
        boolean whole = upload.isWhole();
        rest();
        if (more) {
            worker.owner().warn("it sent more than one response");
        }
        if (more || !whole || !worker.owner().mayServeMore(pid)) {
            close();
        }
        told.ended(records.protocolStatus());
    }

    /** The request is over. */
    private void rest() {
        if (watch != null) {
            watch.cancel();
            watch = null;
        }
        upload.close();
        upload = Upload.NONE;
        reader = null;
        paused = false;
        waiting = false;
        used = true;
        idleSince = System.nanoTime();
        begun = 0;
        loopIndex = -1;
    }

    private void breaks(String how) {
        Reader told = reader;
        close();
        if (told != null) {
            told.broken(how);
        }
    }

    /** The client takes more, or has gone. */
    void resume() {
        if (paused) {
            paused = false;
            waiting = false;
            interest();
        }
    }

    private void interest() {
        if (watch != null) {
            watch.interest(!paused, !upload.isDone());
        }
    }

    /** Nobody wants the response any more: the application is told, and what it sends is thrown away. On the loop. */
    void abandon() {
        if (!isBusy()) {
            close();
            return;
        }
        Rubbish rubbish = new Rubbish(this);
        reader = rubbish;
        ByteBuf out = LinkBuffer.OUT.get().bytes.clear();
        Records.header(out, Records.ABORT_REQUEST, 0);
        try {
            // Behind a part of a record it would be read as its contents.
            if (!upload.isDone() || Sockets.send(fd.number(), LinkBuffer.OUT.get().segment, 0, Records.HEADER, NO_FDS)
                != Records.HEADER) {
                close();
            } else {
                resume();
            }
        } catch (PosixException e) {
            close();
        }
    }

    /** Closes it; on the loop of its request, or anywhere between requests. */
    void close() {
        if (!closed) {
            closed = true;
            rest();
            fd.close();
            worker.closed(this);
        }
    }

    /** Closes it wherever it is. */
    void closeAnywhere() {
        EventLoop on = loop;
        if (isBusy() && on != null) {
            on.execute(this::close);
        } else {
            close();
        }
    }

    // ---- seen from home -----------------------------------------------

    /** A request runs perhaps, of which nothing may be heard any more; tells the generation what that may mean. */
    void look(long now) {
        long since = begun;
        if (since == 0) {
            return;
        }
        if (!heard && !used && now - since >= nextNudge) {
            nextNudge *= 4;
            worker.owner().nudge();
        } else if (!heard && atOnce && now - since >= SILENCE) {
            worker.owner().suspectTails();
        }
        if (waiting || since != seenRequest || progress != seenProgress) {
            seenRequest = since;
            seenProgress = progress;
            quietSince = now;
        } else if (now - quietSince >= QUIET) {
            quietSince = now;
            if (isGone(pid)) {
                long heardOf = seenProgress;
                loop.execute(() -> deserted(since, heardOf));
            }
        }
    }

    private static boolean isGone(int pid) {
        try {
            if (pid > 0) {
                Processes.kill(pid, 0);
            }
            return false;
        } catch (PosixException e) {
            // One of another account is refused, so it is there.
            return e.errno() == Errno.ESRCH;
        }
    }

    /**
     * The process has ended in a request, and whatever it had started and left behind keeps the connection open, so
     * that no end of it comes. What it had sent was read before, since that wakes the loop.
     */
    private void deserted(long request, long heardOf) {
        if (begun == request && progress == heardOf && !waiting) {
            breaks("its process has ended, and what it has started keeps the connection");
        }
    }
}

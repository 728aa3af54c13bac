// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.engine.EventLoop;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;
import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A port of a process as the router writes it ({@code spec/ports.md §8.1}): a socket, and a queue in memory of the
 * process. What finds no room waits and is tried again; a process that does not read is not waited for without end. Any
 * thread.
 */
final class AppPort implements AutoCloseable {

    /** Messages that may wait. */
    private static final int MOST = 1024;
    /** And so many with descriptors, which others need as well. */
    private static final int MOST_WITH_FDS = 256;
    private static final long AGAIN_MILLIS = 20;
    private static final int[] NO_FDS = {};
    private static final MemorySegment READ_SOCKET = word();

    private final Fd socket;
    private final PortQueue queue;
    private final EventLoop home;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(0);
    private boolean armed;
    private boolean closed;

    private static MemorySegment word() {
        return MemorySegment.ofArray(new byte[] {UnitProtocol.READ_SOCKET}).asReadOnly();
    }

    private static final class Waiting {
        private final byte[] message;
        private final List<Fd> fds;
        /** Whether the queue knows of it. */
        private boolean queued;

        private Waiting(byte[] message, List<Fd> fds, boolean queued) {
            this.message = message;
            this.fds = fds;
            this.queued = queued;
        }
    }

    /**
     * A port.
     *
     * @param socket taken over
     * @param queue taken over
     * @param home where what waits is tried again
     */
    AppPort(Fd socket, PortQueue queue, EventLoop home) {
        this.socket = socket;
        this.queue = queue;
        this.home = home;
    }

    /**
     * Sends what stands in {@link MessageBuffer#OUT} of this thread, now or later.
     *
     * @param fds stay the caller's
     * @throws Broken when the process does not read, or has destroyed the queue
     */
    synchronized void send(int... fds) {
        if (closed) {
            return;
        }
        MessageBuffer out = MessageBuffer.OUT.get();
        int length = out.bytes.writerIndex();
        boolean small = length <= PortQueue.LONGEST && fds.length == 0;
        if (!waiting.isEmpty() || !enqueue(out.segment, length, small)) {
            hold(out.bytes, fds, false);
        } else if (!small && !transmit(out.segment, length, fds)) {
            hold(out.bytes, fds, true);
        }
    }

    /** Whether something waits for room. */
    synchronized boolean isBehind() {
        return !waiting.isEmpty();
    }

    /** Puts a message, or the word that one is in the socket, into the queue; false when there is no room. */
    private boolean enqueue(MemorySegment message, int length, boolean small) {
        if (!small) {
            // Nothing else has to wake the reader: the message itself does.
            return queue.send(READ_SOCKET, 1) != PortQueue.Sent.FULL;
        }
        PortQueue.Sent sent = queue.send(message, length);
        if (sent == PortQueue.Sent.WAKE) {
            byte type = message.get(ValueLayout.JAVA_BYTE, 10);
            message.set(ValueLayout.JAVA_BYTE, 10, (byte) UnitProtocol.READ_QUEUE);
            // A socket without room is one that the process has yet to read, which wakes it as well.
            transmit(message, UnitProtocol.HEADER, NO_FDS);
            message.set(ValueLayout.JAVA_BYTE, 10, type);
        }
        return sent != PortQueue.Sent.FULL;
    }

    private boolean transmit(MemorySegment message, int length, int[] fds) {
        try {
            return Sockets.send(socket.number(), message, 0, length, fds) != Sockets.WOULD_BLOCK;
        } catch (PosixException e) {
            // The process ends, or has closed its end; it will be heard of, or of its requests no more.
            return true;
        }
    }

    private void hold(ByteBuf message, int[] fds, boolean queued) {
        if (waiting.size() >= (fds.length == 0 ? MOST : MOST_WITH_FDS)) {
            throw new Broken("it does not read what it is sent");
        }
        byte[] copy = new byte[message.writerIndex()];
        message.getBytes(0, copy);
        List<Fd> kept = new ArrayList<>();
        for (int fd : fds) {
            kept.add(Descriptors.duplicate(fd, 0));
        }
        waiting.add(new Waiting(copy, kept, queued));
        arm();
    }

    private void arm() {
        if (!armed) {
            armed = true;
            home.schedule(AGAIN_MILLIS, this::again);
        }
    }

    private synchronized void again() {
        armed = false;
        MemorySegment out = MessageBuffer.OUT.get().segment;
        while (!closed && !waiting.isEmpty()) {
            Waiting next = waiting.peek();
            MemorySegment.copy(next.message, 0, out, ValueLayout.JAVA_BYTE, 0, next.message.length);
            boolean small = next.message.length <= PortQueue.LONGEST && next.fds.isEmpty();
            try {
                next.queued = next.queued || enqueue(out, next.message.length, small);
                if (!next.queued || !small && !transmit(out, next.message.length,
                        next.fds.stream().mapToInt(Fd::number).toArray())) {
                    arm();
                    return;
                }
            } catch (Broken | InternalError e) {
                // Whoever destroyed its queue hears nothing more; what it does itself is found out elsewhere.
                close();
                return;
            }
            waiting.remove().fds.forEach(Fd::close);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            waiting.forEach(message -> message.fds.forEach(Fd::close));
            waiting.clear();
            socket.close();
            queue.close();
        }
    }
}

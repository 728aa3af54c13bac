// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * Reads a port of the router: a socket, and mostly a queue, whose order counts ({@code spec/ports.md §8.2}). Messages
 * stand in {@link MessageBuffer#IN}. For one thread.
 */
final class PortReader implements AutoCloseable {

    /** What there is. */
    enum Next {
        /** A message, and its descriptors in {@link #takeFds}. */
        MESSAGE,
        /** Nothing; the socket wakes up when there is. */
        NOTHING,
        /** Perhaps more, later: others want a turn. */
        LATER,
        /** The process has closed its end. */
        END
    }

    private static final int[] NO_FDS = {};
    /** Looks for one message. */
    private static final int LOOKS = 64;
    private static final int MOST_FDS = 2;

    private record Early(byte[] message, int[] fds) {
    }

    private final Fd socket;
    private final Optional<PortQueue> queue;
    private Optional<Early> early = Optional.empty();
    private int inSocket;
    private int[] fds = NO_FDS;

    /** Takes both over. */
    PortReader(Fd socket, Optional<PortQueue> queue) {
        this.socket = socket;
        this.queue = queue;
    }

    /** The socket. */
    Fd socket() {
        return socket;
    }

    /** The descriptors that came with the message; the caller's. */
    int[] takeFds() {
        int[] taken = fds;
        fds = NO_FDS;
        return taken;
    }

    /** Closes what nobody took. */
    void dropFds() {
        Descriptors.close(takeFds());
    }

    /**
     * Looks for a message.
     *
     * @throws Broken when the process has not kept to the rules
     */
    Next next() {
        MessageBuffer in = MessageBuffer.IN.get();
        for (int i = 0; i < LOOKS; i++) {
            if (inSocket > 0 && early.isPresent()) {
                inSocket--;
                return early(in);
            }
            if (inSocket == 0 && queue.isPresent()) {
                int length = queue.get().receive(in.segment);
                if (length == 1 && in.segment.get(ValueLayout.JAVA_BYTE, 0) == UnitProtocol.READ_SOCKET) {
                    inSocket++;
                    continue;
                }
                if (length != Ring.EMPTY) {
                    in.bytes.setIndex(0, length);
                    return Next.MESSAGE;
                }
            }
            Optional<Next> found = datagram(in);
            if (found.isPresent()) {
                return found.get();
            }
        }
        return Next.LATER;
    }

    private Next early(MessageBuffer in) {
        Early message = early.orElseThrow();
        early = Optional.empty();
        MemorySegment.copy(message.message, 0, in.segment, ValueLayout.JAVA_BYTE, 0, message.message.length);
        in.bytes.setIndex(0, message.message.length);
        fds = message.fds;
        return Next.MESSAGE;
    }

    /** Empty when one has to look again. */
    private Optional<Next> datagram(MessageBuffer in) {
        Received received;
        try {
            received = Sockets.receive(socket.number(), in.segment);
        } catch (PosixException e) {
            // ECONNRESET: it died with something from here unread.
            return Optional.of(Next.END);
        }
        if (received.wouldBlock()) {
            return Optional.of(Next.NOTHING);
        }
        if (received.isEnd()) {
            return Optional.of(Next.END);
        }
        fds = received.fds();
        int length = received.length();
        if (received.truncated() || length > UnitProtocol.LONGEST || fds.length > MOST_FDS || received.pid() < 0) {
            dropFds();
            throw new Broken("it sent a message of more than " + UnitProtocol.LONGEST + " bytes or " + MOST_FDS
                + " descriptors");
        }
        in.bytes.setIndex(0, length);
        if (queue.isEmpty()) {
            return Optional.of(Next.MESSAGE);
        }
        if (length == UnitProtocol.HEADER && UnitProtocol.type(in.bytes) == UnitProtocol.READ_QUEUE) {
            dropFds();
            return Optional.empty();
        }
        if (inSocket > 0) {
            inSocket--;
            return Optional.of(Next.MESSAGE);
        }
        if (early.isPresent()) {
            dropFds();
            throw new Broken("it sent two messages that its queue does not know of");
        }
        byte[] copy = new byte[length];
        in.bytes.getBytes(0, copy);
        early = Optional.of(new Early(copy, takeFds()));
        return Optional.empty();
    }

    @Override
    public void close() {
        dropFds();
        early.ifPresent(message -> Descriptors.close(message.fds));
        early = Optional.empty();
        socket.close();
        queue.ifPresent(PortQueue::close);
    }
}

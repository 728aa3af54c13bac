// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import io.margay.engine.EventLoop;
import io.margay.engine.Watch;
import io.margay.log.ErrorLog;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Received;
import java.nio.ByteBuffer;

/**
 * The receiving end of a port ({@code spec/ports.md §2, §4, §13}). All methods are called on the loop's thread.
 *
 * <p>A port that is readable delivers a bounded number of messages and returns to the loop, so that one busy peer does
 * not starve the others. What cannot be a message is refused with a log line and the port lives on, because a port has
 * many writers and one of them must not cut the others off. Only a lost credential, the end of file or a failing system
 * call ends the port.
 */
public final class Port implements AutoCloseable {

    /** Takes what a port delivers, on the loop's thread. */
    public interface Handler {

        /**
         * A message that has passed the checks of the header.
         *
         * @param port the port it came by
         * @param message closed by the port when this method returns
         */
        void message(Port port, Message message);

        /**
         * The port has ended by itself and is closed already; never called after {@link Port#close()}.
         *
         * @param port the port
         * @param reason one line, already logged when it is a fault
         */
        void failed(Port port, String reason);
    }

    /**
     * Bounds of one port.
     *
     * @param maxFds descriptors that one message may carry; two as in Unit unless the protocol on it needs more
     * @param turn messages delivered before other descriptors of the loop get their turn
     */
    public record Limits(int maxFds, int turn) {

        /** Two descriptors, 64 messages. */
        public static final Limits DEFAULT = new Limits(2, 64);
        /** As many descriptors as the kernel passes at once (SCM_MAX_FD), 64 messages. */
        public static final Limits MANY_FDS = new Limits(253, 64);
    }

    private final Fd end;
    private final int number;
    private final ReceiveBuffer buffer;
    private final Limits limits;
    private final Handler handler;
    private final ErrorLog log;
    private final Watch watch;

    private Port(EventLoop loop, Fd end, ReceiveBuffer buffer, Limits limits, Handler handler, ErrorLog log) {
        this.end = end;
        this.number = end.number();
        this.buffer = buffer;
        this.limits = limits;
        this.handler = handler;
        this.log = log;
        this.watch = loop.watch(number, this::ready, true, false);
    }

    /**
     * Starts to receive.
     *
     * @param loop the loop that owns the port
     * @param end reading end with SO_PASSCRED; owned by the port from now on
     * @param buffer the loop's buffer
     * @param limits bounds
     * @param handler takes the messages
     * @param log takes refusals
     */
    public static Port open(EventLoop loop, Fd end, ReceiveBuffer buffer, Limits limits, Handler handler,
            ErrorLog log) {
        return new Port(loop, end, buffer, limits, handler, log);
    }

    /** Number of the descriptor, for logs; it stays when the port is closed. */
    public int number() {
        return number;
    }

    /** Whether messages can still arrive. */
    public boolean isOpen() {
        return end.isOpen();
    }

    /** Ends the port; messages that wait in the kernel are lost. Idempotent. */
    @Override
    public void close() {
        if (end.isOpen()) {
            watch.cancel();
            end.close();
        }
    }

    private void ready(boolean readable, boolean writable, boolean hangup) {
        for (int i = 0; i < limits.turn() && end.isOpen(); i++) {
            if (!receive()) {
                return;
            }
        }
    }

    private boolean receive() {
        Received received;
        try {
            received = buffer.receive(end.number());
        } catch (PosixException e) {
            log.alert("recvmsg(" + number + ") failed " + PosixException.describe(e.errno()));
            fail("recvmsg failed");
            return false;
        }
        if (received.wouldBlock()) {
            return false;
        }
        if (received.isEnd()) {
            fail("closed by the peer");
            return false;
        }
        if (received.pid() <= 0) {
            close(received.fds());
            log.alert("failed to get oob data from " + number);
            fail("no credentials");
            return false;
        }
        deliver(received);
        return true;
    }

    private void deliver(Received received) {
        ByteBuffer bytes = buffer.view(received.length());
        String fault = fault(received, bytes);
        if (!fault.isEmpty()) {
            close(received.fds());
            log.alert(fault);
            return;
        }
        Header header = Header.decode(bytes);
        try (Message message = new Message(header, bytes, received.pid(), received.uid(), received.gid(),
                received.fds())) {
            handler.message(this, message);
        }
    }

    private String fault(Received received, ByteBuffer bytes) {
        if (received.truncated()) {
            return "truncated message from process " + received.pid();
        }
        if (bytes.remaining() < Header.SIZE) {
            return "message too small (" + bytes.remaining() + " bytes) from process " + received.pid();
        }
        Header header = Header.decode(bytes.duplicate());
        // The memory with a large payload comes on top.
        if (received.fds().length > limits.maxFds() + (header.mmap() ? 1 : 0)) {
            return "failed to get oob data from " + number;
        }
        if (!MessageType.known(header.type())) {
            return "unknown message type (" + header.type() + ") from process " + received.pid();
        }
        if (header.fragment()) {
            return "fragmented message type (" + header.type() + ") from process " + received.pid();
        }
        return "";
    }

    private void fail(String reason) {
        close();
        handler.failed(this, reason);
    }

    private static void close(int[] fds) {
        for (int fd : fds) {
            Fd.own(fd).close();
        }
    }
}

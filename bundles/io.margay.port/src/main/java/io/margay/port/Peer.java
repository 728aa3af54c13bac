// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import io.margay.engine.EventLoop;
import io.margay.engine.Watch;
import io.margay.log.ErrorLog;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.BiConsumer;

/**
 * The sending end of a port. Sending never blocks: when the kernel takes no more, messages wait in a bounded queue
 * until the socket is writable, in order. Methods may be called on any thread; off the loop they are carried over.
 *
 * <p>Descriptors that are passed to a send method belong to the peer from that moment: they are closed when the message
 * has left, and also when it is dropped. A caller that needs one further passes a duplicate. An end that is also read
 * by a {@link Port} is given to the peer as a duplicate too, since an event loop watches a number once.
 */
public final class Peer implements AutoCloseable {

    /** What became of a message. */
    public enum Sent {
        /** The kernel has it. */
        DONE,
        /** It waits in the queue, or for the loop. */
        QUEUED,
        /** It was dropped: the peer is closed, gone or broken. */
        DROPPED
    }

    /** Messages that wait at most. */
    public static final int MAX_MESSAGES = 1024;
    /** Bytes that wait at most: 4 MiB. */
    public static final int MAX_BYTES = 4 << 20;
    /** Longest datagram: 64 KiB. */
    public static final int MAX_DATAGRAM = ReceiveBuffer.DEFAULT_SIZE;

    /** The reason of a failure: the other side takes nothing. */
    public static final String QUEUE_FULL = "queue is full";

    /** Too many descriptors of this user are in flight. */
    private static final int ETOOMANYREFS = 109;
    private static final int RETRY_MILLIS = 20;

    private record Waiting(byte[] datagram, Fd[] fds) {
    }

    private final EventLoop loop;
    private final Fd end;
    private final int number;
    private final ErrorLog log;
    private final BiConsumer<Peer, String> failure;
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private MemorySegment memory = MemorySegment.NULL;
    private Watch watch;
    private int queuedBytes;
    private boolean retrying;
    private boolean flushing;

    /**
     * Takes over a writing end.
     *
     * @param loop the loop that sends
     * @param end writing end; owned by the peer from now on; need not be non-blocking
     * @param log takes failures
     * @param failure called once on the loop's thread when the other side is gone, or takes nothing so that the queue
     *     is full, with the reason; the peer is closed then. A message that is lost is one that the other side waits
     *     for, so who can ends that process
     */
    public Peer(EventLoop loop, Fd end, ErrorLog log, BiConsumer<Peer, String> failure) {
        this.loop = loop;
        this.end = end;
        this.number = end.number();
        this.log = log;
        this.failure = failure;
    }

    /** Number of the descriptor, for logs; it stays when the peer is closed. */
    public int number() {
        return number;
    }

    /** Whether messages can be sent. */
    public boolean isOpen() {
        return end.isOpen();
    }

    /** Messages that wait. On the loop's thread only. */
    public int backlog() {
        return queue.size();
    }

    /** Another descriptor of the writing end, to be announced to a third process; the caller owns it. */
    public Fd duplicate() {
        return end.duplicate();
    }

    /**
     * Sends a message without payload.
     *
     * @see #send(Header, byte[], Fd...)
     */
    public Sent send(Header header, Fd... fds) {
        return send(header, new byte[0], fds);
    }

    /**
     * Sends a message. A payload that fits no datagram travels in sealed memory; the receiver's {@link Message} shows
     * it like any other, so neither side has to care. Programs that read their port themselves, that is workers, get
     * no such payloads.
     *
     * @param header its header
     * @param payload copied
     * @param fds descriptors to pass, given away by the caller
     * @return what became of it; off the loop {@link Sent#QUEUED}. A payload above {@link LargePayload#MAX_MESSAGE},
     *     and one for which there is no memory, is dropped with an alert
     */
    public Sent send(Header header, byte[] payload, Fd... fds) {
        if (payload.length > MAX_DATAGRAM - Header.SIZE) {
            return large(header, payload, fds);
        }
        byte[] datagram = new byte[Header.SIZE + payload.length];
        header.encode(ByteBuffer.wrap(datagram));
        System.arraycopy(payload, 0, datagram, Header.SIZE, payload.length);
        if (loop.inLoop()) {
            return offer(datagram, fds);
        }
        try {
            loop.execute(() -> offer(datagram, fds));
        } catch (RuntimeException e) {
            // The loop is shut down; nothing leaves this process any more.
            drop(fds);
            return Sent.DROPPED;
        }
        return Sent.QUEUED;
    }

    private Sent large(Header header, byte[] payload, Fd... fds) {
        if (payload.length > LargePayload.MAX_MESSAGE) {
            drop(fds);
            log.alert("port " + number + ": " + MessageType.name(header.type()) + " of " + payload.length
                + " bytes is too long, message dropped");
            return Sent.DROPPED;
        }
        try {
            return LargePayload.send(this, header.inMemory(), MessageType.name(header.type()), payload, fds);
        } catch (PosixException e) {
            log.alert("port " + number + ": no memory for " + payload.length + " bytes: " + e.getMessage());
            return Sent.DROPPED;
        }
    }

    /** Drops what waits and closes the end. Idempotent; off the loop it is carried over to it. */
    @Override
    public void close() {
        if (loop.inLoop()) {
            shut();
        } else {
            loop.execute(this::shut);
        }
    }

    private Sent offer(byte[] datagram, Fd[] fds) {
        if (!end.isOpen()) {
            drop(fds);
            return Sent.DROPPED;
        }
        if (queue.isEmpty()) {
            Sent sent = transmit(datagram, fds);
            if (sent != Sent.QUEUED) {
                return sent;
            }
        }
        if (queue.size() >= MAX_MESSAGES || queuedBytes + datagram.length > MAX_BYTES) {
            drop(fds);
            log.alert("port " + number + ": queue is full (" + queue.size() + " messages, " + queuedBytes
                + " bytes), port closed");
            shut();
            failure.accept(this, QUEUE_FULL);
            return Sent.DROPPED;
        }
        queue.add(new Waiting(datagram, fds));
        queuedBytes += datagram.length;
        return Sent.QUEUED;
    }

    /** Tries once; {@link Sent#QUEUED} means that the kernel is full and that the peer waits for it. */
    private Sent transmit(byte[] datagram, Fd[] fds) {
        int[] numbers = Arrays.stream(fds).mapToInt(Fd::number).toArray();
        try {
            MemorySegment bytes = copy(datagram);
            if (Sockets.send(number, bytes, 0, datagram.length, numbers) == Sockets.WOULD_BLOCK) {
                waitForRoom();
                return Sent.QUEUED;
            }
        } catch (PosixException e) {
            if (e.errno() == ETOOMANYREFS) {
                retryLater();
                return Sent.QUEUED;
            }
            drop(fds);
            fail(numbers, e);
            return Sent.DROPPED;
        }
        drop(fds);
        return Sent.DONE;
    }

    private MemorySegment copy(byte[] datagram) {
        if (memory.byteSize() < datagram.length) {
            int size = Math.max(256, Integer.highestOneBit(datagram.length - 1) << 1);
            memory = Arena.ofAuto().allocate(size, Long.BYTES);
        }
        MemorySegment.copy(MemorySegment.ofArray(datagram), 0, memory, 0, datagram.length);
        return memory;
    }

    /**
     * Waits until the socket is writable. When it was reported writable and yet took nothing, the kernel lacks memory:
     * a watch would then fire for ever, so only time can help.
     */
    private void waitForRoom() {
        if (flushing) {
            retryLater();
        } else if (watch == null && !retrying) {
            watch = loop.watch(number, (readable, writable, hangup) -> flush(), false, true);
        }
    }

    private void retryLater() {
        unwatch();
        if (!retrying) {
            retrying = true;
            loop.schedule(RETRY_MILLIS, () -> {
                retrying = false;
                flush();
            });
        }
    }

    private void flush() {
        boolean first = true;
        while (end.isOpen() && !queue.isEmpty()) {
            Waiting head = queue.peek();
            flushing = first;
            Sent sent = transmit(head.datagram(), head.fds());
            flushing = false;
            if (sent == Sent.QUEUED) {
                return;
            }
            first = false;
            // A failure has cleared the queue already.
            if (queue.peek() == head) {
                queue.remove();
                queuedBytes -= head.datagram().length;
            }
        }
        unwatch();
    }

    private void unwatch() {
        if (watch != null) {
            watch.cancel();
            watch = null;
        }
    }

    private void fail(int[] numbers, PosixException cause) {
        String text = "sendmsg(" + number + ", " + fd(numbers, 0) + ", " + fd(numbers, 1) + ", 1) failed "
            + PosixException.describe(cause.errno());
        if (cause.errno() == Errno.EPIPE || cause.errno() == Errno.ECONNRESET) {
            // The receiver has died, which its own exit line tells; the message came too late, and nothing is broken.
            log.warn(text);
        } else {
            log.alert(text);
        }
        shut();
        failure.accept(this, "sendmsg failed " + PosixException.describe(cause.errno()));
    }

    private void shut() {
        unwatch();
        end.close();
        queue.forEach(waiting -> drop(waiting.fds()));
        queue.clear();
        queuedBytes = 0;
    }

    private static int fd(int[] fds, int index) {
        return index < fds.length ? fds[index] : -1;
    }

    private static void drop(Fd[] fds) {
        for (Fd fd : fds) {
            fd.close();
        }
    }
}

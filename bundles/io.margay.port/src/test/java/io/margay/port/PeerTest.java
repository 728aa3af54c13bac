// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import io.margay.testing.RealLoop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerTest {

    private final RealLoop real = new RealLoop();
    private final Fd[] pair = Sockets.seqpacketPair();
    private final Peer peer = new Peer(real.loop(), pair[1], real.lines, (gone, reason) -> real.event(reason));
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(Peer.MAX_DATAGRAM);

    @AfterEach
    void close() {
        peer.close();
        real.close();
        pair[0].close();
        arena.close();
    }

    private Header header(int stream) {
        return Header.last(MessageType.DATA, stream, 1);
    }

    private int receiveStream() {
        Received received = Sockets.receiveWaiting(pair[0].number(), memory);
        return Header.decode(ByteBuffer.wrap(memory.asSlice(0, received.length()).toArray(
            ValueLayout.JAVA_BYTE))).stream();
    }

    @Test
    void whatWaitsLeavesInOrder() {
        int sent = real.call(() -> {
            int count = 0;
            while (peer.send(header(count), new byte[1000]) == Peer.Sent.DONE) {
                count++;
            }
            for (int i = 0; i < 100; i++) {
                assertEquals(Peer.Sent.QUEUED, peer.send(header(++count), new byte[1000]));
            }
            return count;
        });
        assertTrue(sent > 110, "the kernel takes some");
        for (int i = 0; i <= sent; i++) {
            assertEquals(i, receiveStream());
        }
        assertEquals(0, real.call(peer::backlog));
        assertEquals(Peer.Sent.DONE, real.call(() -> peer.send(header(9999))));
        assertEquals(9999, receiveStream());
    }

    @Test
    void aPeerThatTakesNothingIsBroken() throws InterruptedException {
        List<Peer.Sent> results = new ArrayList<>();
        Fd[] witness = Sockets.pair(Sockets.SOCK_STREAM);
        real.run(() -> {
            for (int i = 0; i < 5000; i++) {
                results.add(i == 600 ? peer.send(header(i), witness[1]) : peer.send(header(i), new byte[1000]));
            }
        });
        assertEquals(Peer.MAX_MESSAGES, results.stream().filter(sent -> sent == Peer.Sent.QUEUED).count());
        assertEquals(Peer.Sent.DROPPED, results.getLast());
        assertEquals("queue is full", real.await("the failure"));
        assertTrue(real.quiet(), "told once");
        assertEquals(1, real.lines.all.size());
        assertTrue(real.lines.all.getFirst().startsWith("alert port " + peer.number()
            + ": queue is full (1024 messages, "));
        assertFalse(peer.isOpen());
        assertFalse(witness[1].isOpen());
        witness[0].close();
    }

    @Test
    void queueIsBoundedInBytesToo() {
        long queued = real.call(() -> {
            long count = 0;
            for (int i = 0; i < 500; i++) {
                count += peer.send(header(i), new byte[60_000]) == Peer.Sent.QUEUED ? 1 : 0;
            }
            return count;
        });
        assertEquals(Peer.MAX_BYTES / 60_016, queued);
    }

    @Test
    void aPayloadThatFitsNoDatagramArrivesAsAnyOther() {
        Fd[] witness = Sockets.pair(Sockets.SOCK_STREAM);
        BlockingQueue<Object> arrived = new LinkedBlockingQueue<>();
        real.run(() -> Port.open(real.loop(), pair[0].duplicate(), new ReceiveBuffer(), new Port.Limits(1, 64),
            new Port.Handler() {
                @Override
                public void message(Port port, Message message) {
                    arrived.add(List.of(message.stream(), message.bytes().length, message.fdCount(),
                        message.take(0).map(fd -> {
                            fd.close();
                            return true;
                        }).orElse(false), message.take(1).isPresent(), message.bytes()[99]));
                }

                @Override
                public void failed(Port port, String reason) {
                    real.event(reason);
                }
            }, real.lines));
        int[] sizes = {Peer.MAX_DATAGRAM - 16, Peer.MAX_DATAGRAM - 15, 82_167, LargePayload.MAX_MESSAGE};
        for (int size : sizes) {
            byte[] payload = new byte[size];
            payload[99] = (byte) size;
            peer.send(header(size), payload, witness[1].duplicate());
        }
        for (int size : sizes) {
            assertEquals(List.of(size, size, 1, true, false, (byte) size), take(arrived));
        }
        assertEquals(List.of(), real.lines.all);
        witness[0].close();
        witness[1].close();
    }

    private static Object take(BlockingQueue<Object> arrived) {
        try {
            return arrived.poll(RealLoop.SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aPayloadBeyondTheBoundIsDroppedAndHarmsNothing() {
        Fd[] witness = Sockets.pair(Sockets.SOCK_STREAM);
        assertEquals(Peer.Sent.DROPPED, real.call(() ->
            peer.send(header(1), new byte[LargePayload.MAX_MESSAGE + 1], witness[1])));
        assertFalse(witness[1].isOpen());
        assertEquals(List.of("alert port " + peer.number() + ": DATA of 4194305 bytes is too long, message dropped"),
            real.lines.all);
        assertEquals(Peer.Sent.DONE, real.call(() -> peer.send(header(2))));
        assertEquals(2, receiveStream());
        witness[0].close();
    }

    @Test
    void descriptorsAreClosedWhenTheyHaveLeft() {
        Fd[] witness = Sockets.pair(Sockets.SOCK_STREAM);
        assertEquals(Peer.Sent.DONE, real.call(() -> peer.send(header(1), witness[1])));
        assertFalse(witness[1].isOpen());
        assertEquals(0, hangup(witness[0]), "the copy in flight keeps it");
        Received received = Sockets.receiveWaiting(pair[0].number(), memory);
        assertEquals(1, received.fds().length);
        Fd.own(received.fds()[0]).close();
        assertEquals(Descriptors.POLLHUP, hangup(witness[0]));
        witness[0].close();
    }

    @Test
    void descriptorsAreClosedWhenTheyAreDropped() {
        Fd[] witness = Sockets.pair(Sockets.SOCK_STREAM);
        Fd queued = witness[1].duplicate();
        Fd late = witness[1].duplicate();
        real.run(() -> {
            while (peer.send(header(1), new byte[30_000]) == Peer.Sent.DONE) {
                assertTrue(peer.isOpen());
            }
            assertEquals(Peer.Sent.QUEUED, peer.send(header(2), queued));
            assertTrue(queued.isOpen());
            peer.close();
            assertEquals(Peer.Sent.DROPPED, peer.send(header(4), late));
        });
        assertFalse(queued.isOpen() || late.isOpen());
        witness[1].close();
        assertEquals(Descriptors.POLLHUP, hangup(witness[0]));
        witness[0].close();
    }

    @Test
    void aPeerThatIsGoneIsReportedOnce() throws InterruptedException {
        pair[0].close();
        Fd[] extra = Sockets.pair(Sockets.SOCK_STREAM);
        int passed = extra[0].number();
        assertEquals(Peer.Sent.DROPPED, real.call(() -> peer.send(header(1), extra[0])));
        assertEquals("sendmsg failed (32: Broken pipe)", real.await("failure"));
        assertEquals(List.of("warn sendmsg(" + peer.number() + ", " + passed + ", -1, 1) failed (32: Broken pipe)"),
            real.lines.all);
        assertFalse(peer.isOpen() || extra[0].isOpen());
        assertEquals(Peer.Sent.DROPPED, real.call(() -> peer.send(header(2))));
        assertTrue(real.quiet());
        extra[1].close();
    }

    @Test
    void aPeerThatGoesWhileMessagesWaitIsReported() throws InterruptedException {
        Fd[] extra = Sockets.pair(Sockets.SOCK_STREAM);
        real.run(() -> {
            while (peer.send(header(1), new byte[30_000]) == Peer.Sent.DONE) {
                assertTrue(peer.isOpen());
            }
            peer.send(header(2), extra[0]);
        });
        pair[0].close();
        String reason = real.await("failure while waiting");
        assertTrue(reason.startsWith("sendmsg failed ("), reason);
        assertFalse(extra[0].isOpen());
        extra[1].close();
    }

    @Test
    void otherThreadsSendInTheirOrder() {
        for (int i = 1; i <= 100; i++) {
            assertEquals(Peer.Sent.QUEUED, peer.send(header(i)));
        }
        for (int i = 1; i <= 100; i++) {
            assertEquals(i, receiveStream());
        }
    }

    @Test
    void aDuplicateIsTheSamePort() {
        try (Fd copy = peer.duplicate(); Peer second = new Peer(real.loop(), copy.duplicate(), real.lines,
                (gone, reason) -> real.event(reason))) {
            real.run(() -> second.send(header(77)));
            assertEquals(77, receiveStream());
        }
    }

    private static int hangup(Fd fd) {
        return Descriptors.poll(fd.number(), Descriptors.POLLIN, 0) & Descriptors.POLLHUP;
    }
}

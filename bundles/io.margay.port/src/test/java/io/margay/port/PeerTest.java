// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerTest {

    private final RealLoop real = new RealLoop();
    private final Fd[] pair = Sockets.seqpacketPair();
    private final Peer peer = new Peer(real.loop(), pair[1], real.log, (gone, reason) -> real.event(reason));
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
    void queueIsBoundedAndKeepsTheOrder() {
        List<Peer.Sent> results = new ArrayList<>();
        real.run(() -> {
            for (int i = 0; i < 5000; i++) {
                results.add(peer.send(header(i), new byte[1000]));
            }
        });
        long done = results.stream().filter(sent -> sent == Peer.Sent.DONE).count();
        long queued = results.stream().filter(sent -> sent == Peer.Sent.QUEUED).count();
        assertTrue(done > 10, "the kernel takes some");
        assertEquals(Peer.MAX_MESSAGES, queued);
        assertEquals(Peer.Sent.DROPPED, results.getLast());
        assertEquals("port " + peer.number() + ": queue is full, message dropped", real.lines.getFirst());
        for (int i = 0; i < done + queued; i++) {
            assertEquals(i, receiveStream());
        }
        assertEquals(0, real.call(peer::backlog));
        assertEquals(Peer.Sent.DONE, real.call(() -> peer.send(header(9999))));
        assertEquals(9999, receiveStream());
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
        Fd tooLong = witness[1].duplicate();
        real.run(() -> {
            while (peer.send(header(1), new byte[30_000]) == Peer.Sent.DONE) {
                assertTrue(peer.isOpen());
            }
            assertEquals(Peer.Sent.QUEUED, peer.send(header(2), queued));
            assertTrue(queued.isOpen());
            assertThrows(IllegalArgumentException.class,
                () -> peer.send(header(3), new byte[Peer.MAX_DATAGRAM - 15], tooLong));
            peer.close();
            assertEquals(Peer.Sent.DROPPED, peer.send(header(4), late));
        });
        assertFalse(queued.isOpen() || late.isOpen() || tooLong.isOpen());
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
        assertEquals(List.of("sendmsg(" + peer.number() + ", " + passed + ", -1, 1) failed (32: Broken pipe)"),
            real.lines);
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
        try (Fd copy = peer.duplicate(); Peer second = new Peer(real.loop(), copy.duplicate(), real.log,
                (gone, reason) -> real.event(reason))) {
            real.run(() -> second.send(header(77)));
            assertEquals(77, receiveStream());
        }
    }

    private static int hangup(Fd fd) {
        return Descriptors.poll(fd.number(), Descriptors.POLLIN, 0) & Descriptors.POLLHUP;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class SocketsTest {
    private static final int[] NONE = {};
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(65_536);
    private int[] before;
    private Fd[] pair;

    @BeforeEach
    void open() {
        before = Descriptors.open();
        pair = Sockets.seqpacketPair();
    }

    @AfterEach
    void noDescriptorIsLeft() {
        pair[0].close();
        pair[1].close();
        arena.close();
        assertArrayEquals(before, Descriptors.open());
    }

    @Test
    void messageCarriesTheSenderByTheKernel() {
        assertEquals(5, send("hello", NONE));
        Received received = receive();
        assertEquals(5, received.length());
        assertEquals("hello", text(received));
        assertEquals(Processes.pid(), received.pid());
        assertEquals(Credentials.effectiveUid(), received.uid());
        assertEquals(Credentials.effectiveGid(), received.gid());
        assertArrayEquals(NONE, received.fds());
        assertFalse(received.truncated() || received.isEnd() || received.wouldBlock());
    }

    @Test
    void nothingEmptyAndEndDiffer() {
        assertTrue(receive().wouldBlock());
        assertEquals(0, send("", NONE));
        Received empty = receive();
        assertTrue(empty.length() == 0 && !empty.isEnd() && !empty.wouldBlock());
        pair[0].close();
        assertTrue(receive().isEnd());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 253})
    void descriptorsArrive(int count) {
        try (Fd memory = Files.sealedMemory("sent", "content".getBytes(StandardCharsets.UTF_8))) {
            int[] fds = new int[count];
            Arrays.fill(fds, memory.number());
            send("x", fds);
            Received received = receive();
            assertEquals(count, received.fds().length);
            assertEquals(Processes.pid(), received.pid());
            for (int fd : received.fds()) {
                assertTrue(Descriptors.closeOnExec(fd));
                assertEquals(Files.status(memory.number()), Files.status(fd));
            }
            Descriptors.close(received.fds());
        }
    }

    @Test
    void truncatedMessageLeavesNoDescriptor() {
        send("a long message", new int[] {pair[0].number(), pair[1].number()});
        Received received = Sockets.receive(pair[1].number(), buffer.asSlice(0, 4));
        assertTrue(received.truncated());
        assertEquals(4, received.length());
        assertArrayEquals(NONE, received.fds());
    }

    @Test
    void twoPiecesAreOneMessage() {
        MemorySegment head = arena.allocateFrom("head");
        MemorySegment body = arena.allocateFrom("the body");
        assertEquals(8, Sockets.send(pair[0].number(), head, 4, body, 4, 4, NONE));
        assertEquals("headbody", text(receive()));
        assertEquals(4, Sockets.send(pair[0].number(), head.address(), 4, body.address(), 0, NONE));
        Received received = Sockets.receive(pair[1].number(), buffer.address(), 100);
        assertEquals("head", text(received));
    }

    @Test
    void fullSocketWouldBlock() {
        int sent = 0;
        while (Sockets.send(pair[0].number(), buffer, 0, 16_384, NONE) != Sockets.WOULD_BLOCK) {
            sent++;
        }
        assertTrue(sent > 0 && sent < 10_000);
        assertTrue(Descriptors.unsent(pair[0].number()) >= sent * 16_384);
        assertEquals(16_384, receive().length());
        assertEquals(16_384, Sockets.send(pair[0].number(), buffer, 0, 16_384, NONE));
    }

    @Test
    void failuresNameTheCall() {
        assertEquals(Errno.EBADF, assertThrows(PosixException.class, () -> send("x", new int[] {9999})).errno());
        pair[1].close();
        PosixException broken = assertThrows(PosixException.class, () -> send("x", NONE));
        assertEquals("sendmsg(" + pair[0].number() + ") failed (32: Broken pipe)", broken.getMessage());
        assertEquals(Errno.EPIPE, broken.errno());
        assertEquals("recvmsg(9999) failed (9: Bad file descriptor)",
            assertThrows(PosixException.class, () -> Sockets.receive(9999, buffer)).getMessage());
    }

    @Test
    void badArgumentsAreRefused() {
        MemorySegment heap = MemorySegment.ofArray(new byte[8]);
        assertThrows(IllegalArgumentException.class, () -> Sockets.send(pair[0].number(), heap, 0, 8, NONE));
        assertThrows(IllegalArgumentException.class, () -> Sockets.receive(pair[0].number(), heap));
        assertThrows(IndexOutOfBoundsException.class,
            () -> Sockets.send(pair[0].number(), buffer, 65_530, 8, NONE));
        assertThrows(IllegalArgumentException.class, () -> send("x", new int[254]));
    }

    @Test
    void tcpConnection() {
        try (Fd listener = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK, 0)) {
            Sockets.setOption(listener, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
            Sockets.bind(listener, new Address.Ip4(0x7F000001, 0));
            Sockets.listen(listener, -1);
            assertTrue(Sockets.accept(listener, true).isEmpty());
            Address address = Sockets.localAddress(listener);
            assertEquals("127.0.0.1", address.host());
            assertEquals(1, Sockets.getOption(listener, Sockets.SOL_SOCKET, Sockets.SO_ACCEPTCONN));
            try (Fd client = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0)) {
                assertTrue(Sockets.connect(client, address));
                try (Fd server = Sockets.accept(listener, true).orElseThrow()) {
                    assertTrue((Descriptors.statusFlags(server.number()) & Files.O_NONBLOCK) != 0);
                    assertTrue(Descriptors.closeOnExec(server.number()));
                    Sockets.shutdown(client, Sockets.SHUT_WR);
                    assertEquals(Descriptors.POLLIN, Descriptors.poll(server.number(), Descriptors.POLLIN, 10_000));
                    assertEquals(0, Files.read(server.number(), buffer, 0, 1));
                }
            }
            try (Fd second = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0)) {
                assertEquals("bind(\"" + address.text() + "\") failed (98: Address already in use)",
                    assertThrows(PosixException.class, () -> Sockets.bind(second, address)).getMessage());
            }
        }
    }

    @Test
    void unixConnection(@TempDir Path directory) {
        Address address = new Address.Unix(directory.resolve("s").toString());
        Address hidden = new Address.Unix("@margay-test-" + Processes.pid());
        for (Address each : new Address[] {address, hidden}) {
            try (Fd listener = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
                Fd client = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0)) {
                assertEquals("connect(\"" + each.text() + "\") failed " + (each == address
                    ? "(2: No such file or directory)" : "(111: Connection refused)"),
                    assertThrows(PosixException.class, () -> Sockets.connect(client, each)).getMessage());
                Sockets.bind(listener, each);
                Sockets.listen(listener, 5);
                assertEquals(each, Sockets.localAddress(listener));
                assertTrue(Sockets.connect(client, each));
                try (Fd server = Sockets.accept(listener, false).orElseThrow()) {
                    assertEquals(new Sockets.PeerCredential(Processes.pid(), Credentials.effectiveUid(),
                        Credentials.effectiveGid()), Sockets.peerCredential(server.number()));
                    assertArrayEquals(Credentials.groups(), Sockets.peerGroups(server.number()));
                }
            }
        }
    }

    @Test
    void ip6Only() {
        try (Fd socket = Sockets.socket(Sockets.AF_INET6, Sockets.SOCK_STREAM, 0)) {
            Sockets.setOption(socket, Sockets.IPPROTO_IPV6, Sockets.IPV6_V6ONLY, 1);
            assertEquals(1, Sockets.getOption(socket, Sockets.IPPROTO_IPV6, Sockets.IPV6_V6ONLY));
            assertEquals(Sockets.SOCK_STREAM, Sockets.getOption(socket, Sockets.SOL_SOCKET, Sockets.SO_TYPE));
        } catch (PosixException missing) {
            // A kernel without IPv6 refuses the family, nothing else.
            assertEquals(Errno.EAFNOSUPPORT, missing.errno());
        }
    }

    @Test
    void blockingModeIsShared() {
        try (Fd copy = pair[0].duplicate()) {
            Sockets.nonBlocking(pair[0], true);
            assertTrue((Descriptors.statusFlags(copy.number()) & Files.O_NONBLOCK) != 0);
            Sockets.nonBlocking(pair[0], false);
            assertFalse((Descriptors.statusFlags(copy.number()) & Files.O_NONBLOCK) != 0);
        }
    }

    private int send(String text, int[] fds) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return Sockets.send(pair[0].number(), buffer, 0, bytes.length, fds);
    }

    private Received receive() {
        return Sockets.receive(pair[1].number(), buffer);
    }

    private String text(Received received) {
        return new String(buffer.asSlice(0, received.length()).toArray(ValueLayout.JAVA_BYTE),
            StandardCharsets.UTF_8);
    }
}

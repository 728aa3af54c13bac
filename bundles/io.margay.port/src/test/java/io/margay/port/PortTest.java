// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Processes;
import io.margay.posix.Sockets;
import io.margay.testing.RealLoop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PortTest {

    private final RealLoop real = new RealLoop();
    private Fd read;
    private Fd write;
    private int number;

    @BeforeEach
    void pair() {
        Fd[] pair = Sockets.seqpacketPair();
        read = pair[0];
        write = pair[1];
        number = read.number();
    }

    @AfterEach
    void close() {
        write.close();
        read.close();
        real.close();
    }

    private Port open(Port.Limits limits) {
        return real.call(() -> Port.open(real.loop(), read, new ReceiveBuffer(), limits, new Port.Handler() {
            @Override
            public void message(Port port, Message message) {
                real.event(message.stream() + " " + message.text());
            }

            @Override
            public void failed(Port port, String reason) {
                real.event("failed: " + reason);
            }
        }, real.lines));
    }

    private void send(byte[] datagram, Fd... fds) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(Math.max(1, datagram.length));
            MemorySegment.copy(MemorySegment.ofArray(datagram), 0, memory, 0, datagram.length);
            int sent = Sockets.send(write.number(), memory, 0, datagram.length,
                Arrays.stream(fds).mapToInt(Fd::number).toArray());
            assertEquals(datagram.length, sent);
        }
    }

    private static byte[] datagram(Header header, String payload) {
        byte[] text = payload.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(Header.SIZE + text.length);
        header.encode(bytes);
        return bytes.put(text).array();
    }

    private static byte[] good(int stream, String text) {
        return datagram(Header.last(MessageType.DATA, stream, 1), text);
    }

    static Stream<Arguments> faults() {
        String self = " from process " + Processes.pid();
        return Stream.of(
            Arguments.of(new byte[0], 0, "message too small (0 bytes)" + self),
            Arguments.of(new byte[15], 0, "message too small (15 bytes)" + self),
            Arguments.of(datagram(Header.last(MessageType.COUNT, 1, 1), ""), 0,
                "unknown message type (" + MessageType.COUNT + ")" + self),
            Arguments.of(datagram(Header.last(255, 1, 1), ""), 1, "unknown message type (255)" + self),
            Arguments.of(datagram(new Header(1, 1, 0, 27, true, false, true, false), ""), 0,
                "fragmented message type (27)" + self),
            Arguments.of(datagram(new Header(1, 1, 0, 13, true, false, false, true), ""), 2,
                "fragmented message type (13)" + self),
            Arguments.of(good(1, "x".repeat(70_000)), 1, "truncated message" + self),
            Arguments.of(good(1, "x"), 3, "failed to get oob data from "));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void badMessageIsRefusedAndThePortLivesOn(byte[] datagram, int fds, String line) throws InterruptedException {
        open(Port.Limits.DEFAULT);
        Fd[] witness = Sockets.pair(Sockets.SOCK_STREAM);
        Fd[] copies = new Fd[fds];
        for (int i = 0; i < fds; i++) {
            copies[i] = witness[1].duplicate();
        }
        send(datagram, copies);
        Arrays.stream(copies).forEach(Fd::close);
        witness[1].close();
        send(good(7, "after"));
        assertEquals("7 after", real.await("message behind the bad one"));
        assertEquals(List.of("alert " + (line.endsWith(" ") ? line + number : line)), real.lines.all);
        assertTrue((Descriptors.poll(witness[0].number(), 0, 5000) & Descriptors.POLLHUP) != 0 || fds == 0 && hup(
            witness[0]), "passed descriptors are closed");
        witness[0].close();
    }

    private static boolean hup(Fd fd) {
        return (Descriptors.poll(fd.number(), Descriptors.POLLIN, 0) & Descriptors.POLLHUP) != 0;
    }

    @Test
    void unclaimedDescriptorsAreClosedBehindTheHandler() throws InterruptedException {
        open(Port.Limits.DEFAULT);
        Fd[] witness = Sockets.pair(Sockets.SOCK_STREAM);
        send(good(1, "a"), witness[1]);
        witness[1].close();
        assertEquals("1 a", real.await("message"));
        real.run(() -> { });
        assertTrue(hup(witness[0]));
        witness[0].close();
    }

    @Test
    void endOfFileFailsThePort() throws InterruptedException {
        Port port = open(Port.Limits.DEFAULT);
        send(good(1, "last words"));
        write.close();
        assertEquals("1 last words", real.await("message"));
        assertEquals("failed: closed by the peer", real.await("end"));
        assertFalse(port.isOpen());
        assertEquals(List.of(), real.lines.all);
        assertEquals(number, port.number());
    }

    @Test
    void missingCredentialsFailThePort() throws InterruptedException {
        Sockets.setOption(read, Sockets.SOL_SOCKET, Sockets.SO_PASSCRED, 0);
        send(good(1, "who am I"));
        Port port = open(Port.Limits.DEFAULT);
        assertEquals("failed: no credentials", real.await("end"));
        assertEquals(List.of("alert failed to get oob data from " + number), real.lines.all);
        assertFalse(port.isOpen());
    }

    @Test
    void aBusyPortGivesOthersATurn() throws InterruptedException {
        for (int i = 0; i < 10; i++) {
            send(good(i, ""));
        }
        Port.Handler handler = new Port.Handler() {
            @Override
            public void message(Port port, Message message) {
                if (message.stream() == 0) {
                    real.loop().execute(() -> real.event("task"));
                }
                real.event("m" + message.stream());
            }

            @Override
            public void failed(Port port, String reason) {
                real.event(reason);
            }
        };
        real.run(() -> Port.open(real.loop(), read, new ReceiveBuffer(), new Port.Limits(2, 4), handler, real.lines));
        StringBuilder order = new StringBuilder();
        for (int i = 0; i < 11; i++) {
            order.append(real.await("event " + i)).append(' ');
        }
        assertEquals("m0 m1 m2 m3 task m4 m5 m6 m7 m8 m9 ", order.toString());
    }

    @Test
    void manyDescriptorsWhereTheProtocolNeedsThem() throws InterruptedException {
        open(Port.Limits.MANY_FDS);
        Fd[] witness = Sockets.pair(Sockets.SOCK_STREAM);
        Fd[] many = new Fd[Sockets.MAX_FDS];
        Arrays.fill(many, witness[0]);
        send(good(1, "all"), many);
        assertEquals("1 all", real.await("message"));
        assertEquals(List.of(), real.lines.all);
        witness[0].close();
        witness[1].close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;
import io.margay.testing.RealLoop;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LargePayloadTest {

    private static final int BOUND = 4 << 20;

    @TempDir
    private static Path directory;

    private static Message message(byte[] payload, Fd... fds) {
        int[] numbers = new int[fds.length];
        for (int i = 0; i < fds.length; i++) {
            numbers[i] = fds[i].release();
        }
        return new Message(Header.last(MessageType.CONF_STORE, 1, 1), ByteBuffer.wrap(payload), 1, 0, 0, numbers);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_536, 3_000_001, BOUND})
    void travelsThroughARealPort(int size) throws InterruptedException {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
        try (RealLoop real = new RealLoop()) {
            Fd[] pair = Sockets.seqpacketPair();
            Port.Handler handler = new Port.Handler() {
                @Override
                public void message(Port port, Message message) {
                    arrived.add(LargePayload.receive(message, "test", BOUND));
                }

                @Override
                public void failed(Port port, String reason) {
                    real.event(reason);
                }
            };
            real.run(() -> Port.open(real.loop(), pair[0], new ReceiveBuffer(), Port.Limits.DEFAULT, handler,
                real.lines));
            Peer peer = new Peer(real.loop(), pair[1], real.lines, (gone, reason) -> real.event(reason));
            LargePayload.send(peer, Header.last(MessageType.CONF_STORE, 1, 1), "conf", content);
            assertArrayEquals(content, arrived.poll(RealLoop.SECONDS, TimeUnit.SECONDS));
            peer.close();
        }
    }

    private static Fd unsealed(int seals) {
        Fd memory = Files.memfd("hostile", Files.MFD_ALLOW_SEALING);
        Files.writeAll(memory.number(), new byte[10]);
        if (seals != 0) {
            Files.seal(memory, seals);
        }
        return memory;
    }

    private static Supplier<Fd[]> fds(Supplier<Fd> fd) {
        return () -> new Fd[] {fd.get()};
    }

    static Stream<Arguments> hostile() {
        Supplier<Fd[]> sealed = fds(() -> Files.sealedMemory("ten", new byte[10]));
        return Stream.of(
            Arguments.of("short payload", new byte[7], sealed, "who: unexpected buffer size (7)"),
            Arguments.of("long payload", new byte[9], sealed, "who: unexpected buffer size (9)"),
            Arguments.of("no descriptor", LargePayload.length(10), (Supplier<Fd[]>) () -> new Fd[0],
                "who: invalid shm fd"),
            Arguments.of("negative", LargePayload.length(-1), sealed,
                "who: content of 18446744073709551615 bytes is too long"),
            Arguments.of("beyond the bound", LargePayload.length(BOUND + 1L), sealed,
                "who: content of 4194305 bytes is too long"),
            Arguments.of("shorter than announced", LargePayload.length(11), sealed,
                "who: shm of 10 bytes, announced 11"),
            Arguments.of("longer than announced", LargePayload.length(9), sealed,
                "who: shm of 10 bytes, announced 9"),
            Arguments.of("not sealed", LargePayload.length(10), fds(() -> unsealed(0)), "who: shm is not sealed"),
            Arguments.of("can shrink", LargePayload.length(10),
                fds(() -> unsealed(Files.F_SEAL_GROW | Files.F_SEAL_WRITE)), "who: shm is not sealed"),
            Arguments.of("can be written", LargePayload.length(10),
                fds(() -> unsealed(Files.F_SEAL_GROW | Files.F_SEAL_SHRINK)), "who: shm is not sealed"),
            Arguments.of("a socket", LargePayload.length(10), fds(() -> {
                Fd[] pair = Sockets.seqpacketPair();
                pair[1].close();
                return pair[0];
            }), "who: invalid shm fd: "),
            Arguments.of("a file", LargePayload.length(0), fds(() -> Files.open(directory.resolve("f").toString(),
                Files.O_RDWR | Files.O_CREAT, 0600)), "who: "));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    void hostileMemoryIsRefused(String what, byte[] payload, Supplier<Fd[]> fds, String text) {
        try (Message message = message(payload, fds.get())) {
            PayloadException refused = assertThrows(PayloadException.class,
                () -> LargePayload.receive(message, "who", BOUND));
            assertTrue(refused.getMessage().startsWith(text), what + ": " + refused.getMessage());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostileInMessages")
    void hostileMemoryIsSeenWithoutReadingIt(String what, byte[] payload, Supplier<Fd[]> fds, String text) {
        if (payload.length == Long.BYTES) {
            try (Fd memory = fds.get()[0]) {
                long size = ByteBuffer.wrap(payload).order(ByteOrder.nativeOrder()).getLong();
                assertTrue(assertThrows(PayloadException.class, () -> LargePayload.check(memory, size, "who", BOUND))
                    .getMessage().startsWith(text), what);
                assertTrue(memory.isOpen());
            }
        }
    }

    @Test
    void goodMemoryPasses() {
        try (Fd memory = Files.sealedMemory("ten", new byte[10])) {
            LargePayload.check(memory, 10, "who", 10);
            assertThrows(PayloadException.class, () -> LargePayload.check(memory, 10, "who", 9));
        }
    }

    private static Message large(byte[] payload, Fd... fds) {
        int[] numbers = new int[fds.length];
        for (int i = 0; i < fds.length; i++) {
            numbers[i] = fds[i].release();
        }
        return new Message(Header.last(MessageType.CONF_STORE, 1, 1).inMemory(), ByteBuffer.wrap(payload), 1, 0, 0,
            numbers);
    }

    static Stream<Arguments> hostileInMessages() {
        // Here the bound is that of all messages, and without a descriptor the payload is what stands there.
        return hostile().filter(row -> !((String) row.get()[0]).equals("no descriptor")
            && !((String) row.get()[0]).equals("beyond the bound"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostileInMessages")
    void hostileMemoryOfAMessageIsRefused(String what, byte[] payload, Supplier<Fd[]> fds, String text) {
        try (Message message = large(payload, fds.get())) {
            PayloadException refused = assertThrows(PayloadException.class, message::bytes);
            assertTrue(refused.getMessage().startsWith(text.replace("who", "CONF_STORE")), refused.getMessage());
            assertEquals(0, message.bytes().length);
        }
    }

    @Test
    void memoryThatNobodyReadsIsClosed() {
        Fd memory = Files.sealedMemory("ten", new byte[10]);
        int number = memory.number();
        large(LargePayload.length(10), memory).close();
        assertThrows(PosixException.class, () -> Files.status(number));
    }

    @Test
    void aRecordOfAWorkerIsNotTakenForMemory() {
        try (Message message = large(new byte[] {1, 2, 3})) {
            assertArrayEquals(new byte[] {1, 2, 3}, message.bytes());
        }
    }

    @Test
    void furtherDescriptorsStayWithTheMessage() {
        Fd second = Files.sealedMemory("second", new byte[1]);
        try (Message message = message(LargePayload.length(3), Files.sealedMemory("first", new byte[] {1, 2, 3}),
                second)) {
            assertArrayEquals(new byte[] {1, 2, 3}, LargePayload.receive(message, "who", BOUND));
            assertEquals(2, message.fdCount());
            try (Fd taken = message.take(1).orElseThrow()) {
                assertTrue(taken.isOpen());
            }
            assertTrue(message.take(0).isEmpty());
            assertTrue(message.take(1).isEmpty());
            assertTrue(message.take(2).isEmpty());
            assertTrue(message.take(-1).isEmpty());
        }
    }
}

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
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sockets against the kernel: what is passed along, who says so, options and refusals. */
@Timeout(60)
class SocketCallsTest {
    private static final int[] NONE = {};

    @TempDir
    private Path directory;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(131_072);
    private int[] before;

    @BeforeEach
    void count() {
        before = Descriptors.open();
    }

    @AfterEach
    void noDescriptorIsLeft() {
        arena.close();
        assertArrayEquals(before, Descriptors.open());
    }

    private int send(Fd to, String text, int... fds) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 65_536, bytes.length);
        return Sockets.send(to.number(), buffer, 65_536, bytes.length, fds);
    }

    private String text(Received received) {
        return new String(buffer.asSlice(0, received.length()).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    /** Each kind of open file arrives as the same open file. */
    @ParameterizedTest
    @ValueSource(strings = {"memory", "pipe", "socket", "listener", "signals", "pidfd", "inotify", "directory", "path",
        "device"})
    void openFilesArrive(String kind) {
        Fd[] pair = Sockets.seqpacketPair();
        Fd sent = switch (kind) {
            case "memory" -> Files.memfd("m", 0);
            case "pipe" -> {
                Fd[] pipe = Descriptors.pipe();
                pipe[1].close();
                yield pipe[0];
            }
            case "socket" -> Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
            case "listener" -> {
                Fd listener = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
                Sockets.bind(listener, new Address.Unix(directory + "/l"));
                Sockets.listen(listener, 1);
                yield listener;
            }
            case "signals" -> Signals.signalFd(Signals.SIGALRM);
            case "pidfd" -> Processes.pidfdOpen(Processes.pid());
            case "inotify" -> Inotify.open();
            case "directory" -> Files.open(directory.toString(), Files.O_RDONLY | Files.O_DIRECTORY, 0);
            case "path" -> Files.open(directory.toString(), Files.O_PATH, 0);
            default -> Files.open("/dev/null", Files.O_RDWR, 0);
        };
        FileStatus status = Files.status(sent.number());
        int flags = Descriptors.statusFlags(sent.number());
        assertEquals(1, send(pair[0], "x", sent.number()));
        sent.close();
        Received received = Sockets.receive(pair[1].number(), buffer);
        assertEquals(1, received.fds().length);
        int fd = received.fds()[0];
        assertTrue(Descriptors.closeOnExec(fd));
        assertEquals(flags, Descriptors.statusFlags(fd), "it is the same open file");
        assertEquals(status.inode() + " " + status.device() + " " + status.mode(), Files.status(fd).inode() + " "
            + Files.status(fd).device() + " " + Files.status(fd).mode());
        Descriptors.close(fd);
        pair[0].close();
        pair[1].close();
    }

    @Test
    void eachMessageHasItsOwnFiles() {
        Fd[] pair = Sockets.seqpacketPair();
        List<Fd> files = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Fd memory = Files.memfd("m", 0);
            Files.writeAll(memory.number(), new byte[i]);
            files.add(memory);
            send(pair[0], "message " + i, i % 2 == 0 ? new int[] {memory.number()} : NONE);
        }
        for (int i = 0; i < 5; i++) {
            Received received = Sockets.receive(pair[1].number(), buffer);
            assertEquals("message " + i, text(received));
            assertEquals(i % 2 == 0 ? 1 : 0, received.fds().length);
            for (int fd : received.fds()) {
                assertEquals(i, Files.status(fd).size());
            }
            Descriptors.close(received.fds());
        }
        files.forEach(Fd::close);
        pair[0].close();
        pair[1].close();
    }

    /** Files that nobody fetches are closed by the kernel with the socket. */
    @Test
    void filesThatAreNotFetchedAreLost() {
        Fd[] pair = Sockets.seqpacketPair();
        Fd[] pipe = Descriptors.pipe();
        send(pair[0], "x", pipe[1].number());
        pipe[1].close();
        assertEquals(0, Descriptors.poll(pipe[0].number(), Descriptors.POLLIN, 0), "it is open on its way");
        pair[0].close();
        pair[1].close();
        assertEquals(Descriptors.POLLHUP, Descriptors.poll(pipe[0].number(), Descriptors.POLLIN, 10_000));
        pipe[0].close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 10, 100, 252, 253})
    void asManyAsTheKernelTakes(int count) {
        Fd[] pair = Sockets.seqpacketPair();
        int[] fds = new int[count];
        java.util.Arrays.fill(fds, pair[0].number());
        assertEquals(1, send(pair[0], "x", fds));
        Received received = Sockets.receive(pair[1].number(), buffer);
        assertEquals(count, received.fds().length);
        assertFalse(received.truncated());
        assertEquals(Processes.pid(), received.pid());
        Descriptors.close(received.fds());
        pair[0].close();
        pair[1].close();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "100, 100", "65536, 65536", "100000, 100000"})
    void packetsKeepTheirBorders(int size, int expected) {
        Fd[] pair = Sockets.seqpacketPair();
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        MemorySegment content = arena.allocate(Math.max(1, size));
        MemorySegment.copy(bytes, 0, content, ValueLayout.JAVA_BYTE, 0, size);
        assertEquals(size, Sockets.send(pair[0].number(), content, 0, size, NONE));
        assertEquals(3, send(pair[0], "end"));
        Received received = Sockets.receive(pair[1].number(), buffer);
        assertEquals(expected, received.length());
        assertArrayEquals(bytes, buffer.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE));
        assertEquals("end", text(Sockets.receive(pair[1].number(), buffer)));
        pair[0].close();
        pair[1].close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void aBufferThatIsTooSmallCutsAndTells(int size) {
        Fd[] pair = Sockets.seqpacketPair();
        send(pair[0], "12345678", pair[0].number());
        send(pair[0], "next");
        Received cut = Sockets.receive(pair[1].number(), buffer.asSlice(0, size));
        assertTrue(cut.truncated());
        assertEquals(size, cut.length());
        assertArrayEquals(NONE, cut.fds(), "half a message must not be acted on");
        Received next = Sockets.receive(pair[1].number(), buffer);
        assertFalse(next.truncated());
        assertEquals("next", text(next));
        pair[0].close();
        pair[1].close();
    }

    @Test
    void aMessageThatIsTooLongIsRefused() {
        Fd[] pair = Sockets.seqpacketPair();
        MemorySegment large = arena.allocate(8 << 20);
        PosixException e = assertThrows(PosixException.class,
            () -> Sockets.send(pair[0].number(), large, 0, large.byteSize(), NONE));
        assertEquals("sendmsg(" + pair[0].number() + ") failed (90: Message too long)", e.getMessage());
        assertTrue(Sockets.receive(pair[1].number(), buffer).wouldBlock());
        pair[0].close();
        pair[1].close();
    }

    @Test
    void withoutTheOptionNobodyVouches() {
        Fd[] pair = Sockets.pair(Sockets.SOCK_SEQPACKET);
        send(pair[0], "x");
        Received received = Sockets.receive(pair[1].number(), buffer);
        assertEquals("-1 -1 -1", received.pid() + " " + received.uid() + " " + received.gid());
        Sockets.setOption(pair[1], Sockets.SOL_SOCKET, Sockets.SO_PASSCRED, 1);
        send(pair[0], "y");
        assertEquals(Processes.pid(), Sockets.receive(pair[1].number(), buffer).pid());
        pair[0].close();
        pair[1].close();
    }

    /** Of another process and another account the kernel tells as well. */
    @Test
    void theSenderIsWhoItIs() {
        Fd[] pair = Sockets.seqpacketPair();
        int pid = Processes.spawn(SpawnSpec.of("/bin/sh", List.of("sh", "-c", "echo hello >&7"))
            .withFd(7, pair[0].number()));
        assertEquals(0, Processes.waitFor(pid).code());
        Received received = Sockets.receive(pair[1].number(), buffer);
        assertEquals("hello\n", text(received));
        assertEquals(pid, received.pid());
        assertEquals(Credentials.effectiveUid(), received.uid());
        pair[0].close();
        pair[1].close();
    }

    @Test
    void waitingReceivesWait() throws InterruptedException {
        Fd[] pair = Sockets.seqpacketPair();
        Thread sender = new Thread(() -> {
            try (Arena own = Arena.ofConfined()) {
                MemorySegment one = own.allocate(1);
                Sockets.send(pair[0].number(), one, 0, 1, NONE);
            }
        });
        sender.start();
        assertEquals(1, Sockets.receiveWaiting(pair[1].number(), buffer).length());
        sender.join();
        Sockets.nonBlocking(pair[1], true);
        assertTrue(Sockets.receiveWaiting(pair[1].number(), buffer).wouldBlock());
        pair[0].close();
        assertTrue(Sockets.receiveWaiting(pair[1].number(), buffer).isEnd());
        pair[1].close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers of open files: who owns them, what they wait for, what duplicates share. */
@Timeout(60)
class DescriptorsTest {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(65_536);
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

    /** Two ends, the first to read from. */
    private static Fd[] ends(String kind) {
        return switch (kind) {
            case "pipe" -> Descriptors.pipe();
            case "stream" -> Sockets.pair(Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK);
            case "datagrams" -> Sockets.pair(Sockets.SOCK_DGRAM | Sockets.SOCK_NONBLOCK);
            default -> Sockets.pair(Sockets.SOCK_SEQPACKET | Sockets.SOCK_NONBLOCK);
        };
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # kind     | empty | with data | peer closed | closed, data left
        pipe       | 0     | 1         | 16          | 17
        stream     | 0     | 1         | 17          | 17
        packets    | 0     | 1         | 17          | 17
        """)
    void whatPollTells(String kind, int empty, int data, int closed, int rest) {
        for (boolean withRest : new boolean[] {false, true}) {
            Fd[] ends = ends(kind);
            int reader = ends[0].number();
            assertEquals(empty, Descriptors.poll(reader, Descriptors.POLLIN, 0));
            assertEquals(1, Files.write(ends[1].number(), buffer, 0, 1));
            assertEquals(data, Descriptors.poll(reader, Descriptors.POLLIN, 10_000));
            if (!withRest) {
                assertEquals(1, Files.read(reader, buffer, 0, 10));
                assertEquals(empty, Descriptors.poll(reader, Descriptors.POLLIN, 0));
            }
            ends[1].close();
            assertEquals(withRest ? rest : closed, Descriptors.poll(reader, Descriptors.POLLIN, 10_000));
            ends[0].close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pipe", "stream", "packets"})
    void theOtherEndIsWritableUntilItIsFull(String kind) {
        Fd[] ends = ends(kind);
        int writer = ends[1].number();
        Descriptors.nonBlocking(writer, true);
        assertEquals(Descriptors.POLLOUT, Descriptors.poll(writer, Descriptors.POLLOUT, 0));
        int written = 0;
        int count = Files.write(writer, buffer, 0, 4_096);
        while (count > 0) {
            written += count;
            count = Files.write(writer, buffer, 0, 4_096);
        }
        assertEquals(Sockets.WOULD_BLOCK, count);
        assertEquals(0, Descriptors.poll(writer, Descriptors.POLLOUT, 0));
        assertTrue(written >= 4_096);
        int read = 0;
        for (int n = Files.read(ends[0].number(), buffer, 0, 65_536); n > 0;
            n = Files.read(ends[0].number(), buffer, 0, 65_536)) {
            read += n;
        }
        assertEquals(written, read);
        assertEquals(Descriptors.POLLOUT, Descriptors.poll(writer, Descriptors.POLLOUT, 10_000));
        ends[0].close();
        assertEquals(Errno.EPIPE,
            assertThrows(PosixException.class, () -> write(kind, writer)).errno(), "and no signal kills the process");
        ends[1].close();
    }

    private void write(String kind, int writer) {
        if (kind.equals("pipe")) {
            // The JVM ignores SIGPIPE.
            Files.write(writer, buffer, 0, 1);
        } else {
            Sockets.send(writer, buffer, 0, 1, new int[0]);
        }
    }

    @Test
    void aTimeThatIsOverGivesNothing() {
        Fd[] ends = Descriptors.pipe();
        long begin = System.nanoTime();
        assertEquals(0, Descriptors.poll(ends[0].number(), Descriptors.POLLIN, 30));
        long millis = (System.nanoTime() - begin) / 1_000_000;
        assertTrue(millis >= 29, () -> "waited " + millis + " ms");
        ends[0].close();
        ends[1].close();
    }

    @Test
    void aNumberThatIsNotOpenIsTold() {
        assertEquals(0x20, Descriptors.poll(9_999, Descriptors.POLLIN, 0), "POLLNVAL");
        assertFalse(Descriptors.isOpen(9_999));
        assertFalse(Descriptors.isOpen(-1));
        for (String message : List.of(
            assertThrows(PosixException.class, () -> Descriptors.statusFlags(9_999)).getMessage(),
            assertThrows(PosixException.class, () -> Descriptors.closeOnExec(9_999)).getMessage(),
            assertThrows(PosixException.class, () -> Descriptors.nonBlocking(9_999, true)).getMessage(),
            assertThrows(PosixException.class, () -> Descriptors.duplicate(9_999, 0)).getMessage(),
            assertThrows(PosixException.class, () -> Descriptors.readable(9_999)).getMessage(),
            assertThrows(PosixException.class, () -> Descriptors.unsent(9_999)).getMessage())) {
            assertTrue(message.endsWith("failed (9: Bad file descriptor)"), message);
        }
        Descriptors.close(9_999);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 10, 100, 500})
    void duplicatesHaveTheNumberThatIsFree(int minimum) {
        try (Fd memory = Files.memfd("x", 0); Fd copy = Descriptors.duplicate(memory.number(), minimum);
            Fd next = Descriptors.duplicate(memory.number(), minimum)) {
            assertTrue(copy.number() >= minimum);
            assertTrue(next.number() > copy.number());
            assertTrue(Descriptors.closeOnExec(copy.number()));
            assertEquals(Files.status(memory.number()).inode(), Files.status(copy.number()).inode());
        }
        try (Fd memory = Files.memfd("x", 0)) {
            assertEquals(Errno.EINVAL, assertThrows(PosixException.class,
                () -> Descriptors.duplicate(memory.number(), 1 << 30)).errno());
        }
    }

    @Test
    void duplicatesShareTheFileAndNotTheFlag() {
        Fd memory = Files.memfd("x", 0);
        try (Fd copy = memory.duplicate()) {
            Files.writeAll(memory.number(), new byte[10]);
            // The position is that of the open file.
            assertEquals(0, Files.read(copy.number(), buffer, 0, 10));
            Descriptors.closeOnExec(copy.number(), false);
            assertTrue(Descriptors.closeOnExec(memory.number()));
            assertFalse(Descriptors.closeOnExec(copy.number()));
            Descriptors.nonBlocking(copy.number(), true);
            assertTrue((Descriptors.statusFlags(memory.number()) & Files.O_NONBLOCK) != 0);
            Descriptors.nonBlocking(memory.number(), false);
            assertEquals(0, Descriptors.statusFlags(copy.number()) & Files.O_NONBLOCK);
            memory.close();
            assertEquals(10, Files.status(copy.number()).size());
        }
    }

    @Test
    void aNumberCanBeTakenOver() {
        try (Fd one = Files.memfd("one", 0); Fd two = Files.memfd("two", 0)) {
            Files.writeAll(one.number(), new byte[1]);
            Files.writeAll(two.number(), new byte[2]);
            Descriptors.duplicateTo(two.number(), one.number());
            assertEquals(2, Files.status(one.number()).size());
            assertFalse(Descriptors.closeOnExec(one.number()), "it is to be inherited");
            Descriptors.closeOnExec(two.number(), true);
            Descriptors.duplicateTo(two.number(), two.number());
            assertTrue(Descriptors.closeOnExec(two.number()), "onto itself nothing changes");
        }
    }

    @Test
    void bytesThatWaitAreCounted() {
        Fd[] stream = Sockets.pair(Sockets.SOCK_STREAM);
        assertEquals(0, Descriptors.readable(stream[0].number()));
        for (int i = 1; i <= 5; i++) {
            Files.write(stream[1].number(), buffer, 0, 100);
            assertEquals(100 * i, Descriptors.readable(stream[0].number()));
            assertTrue(Descriptors.unsent(stream[1].number()) > 0);
        }
        assertEquals(500, Files.read(stream[0].number(), buffer, 0, 1_000));
        assertEquals(0, Descriptors.readable(stream[0].number()));
        assertEquals(0, Descriptors.unsent(stream[1].number()));
        stream[0].close();
        stream[1].close();
        Fd[] pipe = Descriptors.pipe();
        Files.write(pipe[1].number(), buffer, 0, 7);
        assertEquals(7, Descriptors.readable(pipe[0].number()));
        pipe[0].close();
        pipe[1].close();
        try (Fd nothing = Files.open("/dev/null", Files.O_RDONLY, 0)) {
            assertTrue(assertThrows(PosixException.class, () -> Descriptors.unsent(nothing.number())).getMessage()
                .startsWith("ioctl(" + nothing.number() + ", SIOCOUTQ) failed (25: "));
        }
    }

    @Test
    void aPipeReadsWithoutWaitingAndEnds() {
        Fd[] pipe = Descriptors.pipe();
        assertEquals(Sockets.WOULD_BLOCK, Files.read(pipe[0].number(), buffer, 0, 1));
        assertTrue(Descriptors.closeOnExec(pipe[0].number()) && Descriptors.closeOnExec(pipe[1].number()));
        assertEquals(0, Descriptors.statusFlags(pipe[1].number()) & Files.O_NONBLOCK);
        Files.writeAll(pipe[1].number(), new byte[] {1, 2, 3});
        pipe[1].close();
        assertArrayEquals(new byte[] {1, 2, 3}, Files.readAll(pipe[0].number(), 10));
        assertEquals(0, Files.read(pipe[0].number(), buffer, 0, 1));
        pipe[0].close();
    }

    @Test
    void theListIsThatOfTheKernel() {
        int[] open = Descriptors.open();
        assertTrue(open.length >= 3);
        for (int i = 1; i < open.length; i++) {
            assertTrue(open[i] > open[i - 1], "ascending");
        }
        try (Fd memory = Files.memfd("x", 0)) {
            int[] more = Descriptors.open();
            assertEquals(open.length + 1, more.length);
            assertTrue(Arrays.stream(more).anyMatch(fd -> fd == memory.number()));
        }
        assertArrayEquals(open, Processes.openDescriptors());
    }

    @Test
    void severalAreClosedAtOnce() {
        int[] numbers = new int[20];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Files.memfd("x", 0).release();
        }
        Descriptors.close(numbers);
        for (int number : numbers) {
            assertFalse(Descriptors.isOpen(number));
        }
        Descriptors.close(new int[0]);
    }

    @Test
    void anOwnerGivesUpOrCloses() {
        Fd owner = Files.memfd("x", 0);
        assertEquals("fd " + owner.number(), owner.toString());
        int number = owner.release();
        assertEquals("fd -1", owner.toString());
        for (Runnable use : List.<Runnable>of(owner::number, owner::release, owner::duplicate)) {
            assertEquals("descriptor is closed",
                assertThrows(IllegalStateException.class, use::run).getMessage());
        }
        Fd again = Fd.own(number);
        assertTrue(again.isOpen());
        again.close();
        assertFalse(again.isOpen() || Descriptors.isOpen(number));
        for (int wrong : new int[] {-1, -100, Integer.MIN_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> Fd.own(wrong));
        }
    }

    /** Whoever closes, it is closed once: a second close would hit the file of somebody else. */
    @Test
    void manyClosersCloseOnce() throws InterruptedException {
        for (int round = 0; round < 50; round++) {
            Fd shared = Files.memfd("x", 0);
            CountDownLatch start = new CountDownLatch(1);
            AtomicInteger released = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                boolean releases = t == 0;
                Thread thread = new Thread(() -> {
                    try {
                        start.await();
                        if (releases) {
                            Descriptors.close(shared.release());
                            released.incrementAndGet();
                        } else {
                            shared.close();
                        }
                    } catch (IllegalStateException e) {
                        // Another one was first.
                        assertEquals("descriptor is closed", e.getMessage());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
                thread.start();
                threads.add(thread);
            }
            start.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            assertFalse(shared.isOpen());
            assertTrue(released.get() <= 1);
        }
    }
}

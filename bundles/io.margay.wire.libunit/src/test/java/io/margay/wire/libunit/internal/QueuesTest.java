// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueuesTest {

    private static MemorySegment bytes(int... values) {
        MemorySegment all = Arena.ofAuto().allocate(64);
        for (int i = 0; i < values.length; i++) {
            all.set(ValueLayout.JAVA_BYTE, i, (byte) values[i]);
        }
        return all;
    }

    private static Ring ring(MemorySegment map, int size) {
        Ring ring = new Ring(map, 8, size);
        ring.init();
        return ring;
    }

    @Test
    void ringKeepsTheOrderOverManyRounds() {
        Ring ring = ring(Arena.ofAuto().allocate(8 + Ring.bytes(4), 8), 4);
        assertEquals(Ring.EMPTY, ring.take());
        for (int i = 0; i < 1_000_000; i++) {
            int position = ring.put(i % 4);
            assertFalse(ring.isTaken(position));
            assertEquals(i % 4, ring.take());
            assertTrue(ring.isTaken(position));
        }
        assertEquals(Ring.EMPTY, ring.take());
    }

    @Test
    void aFilledRingGivesEachNumberOnce() {
        Ring ring = ring(Arena.ofAuto().allocate(8 + Ring.bytes(8), 8), 8);
        ring.fill();
        for (int i = 0; i < 8; i++) {
            assertEquals(i, ring.take());
        }
        assertEquals(Ring.EMPTY, ring.take());
        ring.put(5);
        assertEquals(5, ring.take());
    }

    @ParameterizedTest
    @ValueSource(ints = {0xa5a5a5a5, 0x7fffffff, 0x00010000})
    void aRuinedRingIsNoticed(int garbage) {
        MemorySegment map = Arena.ofAuto().allocate(8 + Ring.bytes(16), 8);
        Ring ring = ring(map, 16);
        map.asSlice(12, 16 * Integer.BYTES).elements(ValueLayout.JAVA_INT)
            .forEach(entry -> entry.set(ValueLayout.JAVA_INT, 0, garbage));
        assertThrows(Broken.class, ring::take);
        assertThrows(Broken.class, () -> ring.put(1));
    }

    @Test
    void aPortQueueTellsWhenToWake() {
        try (PortQueue queue = PortQueue.make()) {
            assertEquals(PortQueue.Sent.WAKE, queue.send(bytes(1, 2, 3), 3));
            assertEquals(PortQueue.Sent.QUIETLY, queue.send(bytes(4), 1));
            MemorySegment in = bytes();
            assertEquals(3, queue.receive(in));
            assertEquals(3, in.get(ValueLayout.JAVA_BYTE, 2));
            assertEquals(1, queue.receive(in));
            assertEquals(4, in.get(ValueLayout.JAVA_BYTE, 0));
            assertEquals(Ring.EMPTY, queue.receive(in));
            assertEquals(PortQueue.Sent.WAKE, queue.send(bytes(5), 1));
        }
    }

    @Test
    void aPortQueueIsFullAtItsEnd() {
        try (PortQueue queue = PortQueue.make()) {
            int sent = 0;
            while (queue.send(bytes(7), 31) != PortQueue.Sent.FULL) {
                sent++;
            }
            assertEquals(16_384, sent);
            assertEquals(31, queue.receive(bytes()));
            assertEquals(PortQueue.Sent.QUIETLY, queue.send(bytes(7), 31));
        }
    }

    /** What the process sees of it is what its own library lays out. */
    @Test
    void layoutOfAPortQueue() {
        try (PortQueue queue = PortQueue.make(); Fd copy = Descriptors.duplicate(queue.number(), 0)) {
            MemorySegment map = Files.map(copy.number(), PortQueue.BYTES, true);
            queue.send(bytes(9, 8), 2);
            assertEquals(1, map.get(ValueLayout.JAVA_INT, 0));
            assertEquals(16_385, map.get(ValueLayout.JAVA_INT, 4), "head of free_items");
            assertEquals(32_768, map.get(ValueLayout.JAVA_INT, 4 + 65_540), "tail of free_items");
            assertEquals(16_384, map.get(ValueLayout.JAVA_INT, 65_548), "head of queue");
            assertEquals(16_385, map.get(ValueLayout.JAVA_INT, 65_548 + 65_540), "tail of queue");
            assertEquals(16_384, map.get(ValueLayout.JAVA_INT, 65_552), "first entry: round 1, item 0");
            assertEquals(2, map.get(ValueLayout.JAVA_BYTE, 131_092));
            assertEquals(8, map.get(ValueLayout.JAVA_BYTE, 131_094));
            // An item that the process says is longer than one can be.
            map.set(ValueLayout.JAVA_BYTE, 131_092, (byte) 32);
            assertThrows(Broken.class, () -> queue.receive(bytes()));
            Files.unmap(map);
        }
    }

    @Test
    void aForeignQueueMustBeMemoryOfItsSize() {
        Fd small = Files.memfd("x", 0);
        Files.ftruncate(small, PortQueue.BYTES - 1);
        assertThrows(Broken.class, () -> PortQueue.foreign(small));
        assertFalse(small.isOpen());
        Fd file = Files.open("/proc/self/exe", Files.O_RDONLY, 0);
        assertThrows(Broken.class, () -> PortQueue.foreign(file));
        assertFalse(file.isOpen());
    }

    /** The process takes the memory away under the router: an error, and no crash. */
    @Test
    void memoryThatIsCutIsAnError() {
        PortQueue made = PortQueue.make();
        Fd memory = Files.memfd("x", 0);
        Files.ftruncate(memory, PortQueue.BYTES);
        PortQueue queue = PortQueue.foreign(memory.duplicate());
        Files.ftruncate(memory, 0);
        assertThrows(InternalError.class, () -> queue.send(bytes(1), 1));
        assertThrows(InternalError.class, () -> queue.receive(bytes()));
        queue.close();
        memory.close();
        made.close();
    }

    @Test
    void requestsAreTakenBackOrTakenByOne() {
        try (AppQueue queue = new AppQueue()) {
            assertFalse(!queue.notifies(), "the first has to be told of");
            assertFalse(queue.notifies(), "nobody has looked since");
            long first = queue.send(bytes(1), 28, 77, 5);
            long second = queue.send(bytes(2), 28, 78, 6);
            long third = queue.send(bytes(3), 28, 79, 7);
            assertTrue(first >>> 32 < second >>> 32 && second >>> 32 < third >>> 32);
            assertFalse(queue.isTaken((int) first, 77));
            assertTrue(queue.cancel((int) first, 77));
            assertFalse(queue.cancel((int) first, 77));
            assertTrue(queue.isTaken((int) first, 77));
            assertFalse(queue.hasLeft((int) (first >>> 32)));
            List<String> back = new ArrayList<>();
            assertEquals(1, queue.takeBack(1, (stream, tag) -> back.add(stream + " " + tag)));
            assertTrue(queue.hasLeft((int) (second >>> 32)));
            assertFalse(queue.hasLeft((int) (third >>> 32)));
            assertEquals(1, queue.takeBack(9, (stream, tag) -> back.add(stream + " " + tag)));
            assertEquals(List.of("78 6", "79 7"), back);
        }
    }

    @Test
    void whoIsIdleIsToldOfWhatABusyOneLeaves() {
        try (AppQueue queue = new AppQueue(); Fd copy = Descriptors.duplicate(queue.number(), 0)) {
            MemorySegment map = Files.map(copy.number(), AppQueue.BYTES, true);
            assertFalse(queue.notifiesAgain(), "there is nothing");
            queue.send(bytes(1), 28, 77, 5);
            assertTrue(queue.notifies());
            assertFalse(queue.notifiesAgain(), "the word for it was not read yet");
            // A process reads the word.
            map.set(ValueLayout.JAVA_INT, 0, 0);
            assertTrue(queue.notifiesAgain());
            map.set(ValueLayout.JAVA_INT, 0, 0);
            assertEquals(1, queue.takeBack(1, (stream, tag) -> { }));
            assertFalse(queue.notifiesAgain(), "nothing is left");
            Files.unmap(map);
        }
    }

    @Test
    void allItemsOfTheApplicationsQueueCanBeUsedAgain() {
        try (AppQueue queue = new AppQueue()) {
            for (int round = 0; round < 3; round++) {
                int sent = 0;
                while (queue.send(bytes(1), 28, sent + 1, 0) >= 0) {
                    sent++;
                }
                assertEquals(131_072, sent);
                assertEquals(sent, queue.takeBack(Integer.MAX_VALUE, (stream, tag) -> { }));
            }
            long place = queue.send(bytes(1), 28, 1, 0);
            assertEquals(131_072 * 4, place >> 32, "the first place is that of the second round");
            assertFalse(AppQueue.isWorn(place));
        }
    }

    @Test
    void countersDoNotWrap() {
        try (AppQueue queue = new AppQueue(); Fd copy = Descriptors.duplicate(queue.number(), 0)) {
            MemorySegment map = Files.map(copy.number(), AppQueue.BYTES, true);
            assertFalse(AppQueue.isWorn(queue.send(bytes(1), 28, 1, 0)));
            for (int start : new int[] {1 << 30, Integer.MIN_VALUE}) {
                // As if so many requests had been there: entries of the round before.
                map.set(ValueLayout.JAVA_INT, 524_300, start);
                map.set(ValueLayout.JAVA_INT, 524_300 + 524_292, start);
                for (int i = 0; i < 131_072; i++) {
                    map.set(ValueLayout.JAVA_INT, 524_304 + i * 4L, start - 131_072 + i);
                }
                if (start > 0) {
                    assertTrue(AppQueue.isWorn(queue.send(bytes(1), 28, 2, 0)));
                    assertEquals(1, queue.takeBack(9, (stream, tag) -> { }));
                } else {
                    assertThrows(Broken.class, () -> queue.send(bytes(1), 28, 3, 0));
                }
            }
            Files.unmap(map);
        }
    }

    @Test
    void manyWritersAndReaders() throws Exception {
        int writers = 3;
        int each = 40_000;
        try (PortQueue queue = PortQueue.make()) {
            ConcurrentHashMap<Integer, Integer> seen = new ConcurrentHashMap<>();
            AtomicInteger received = new AtomicInteger();
            CountDownLatch done = new CountDownLatch(writers + 2);
            for (int w = 0; w < writers; w++) {
                int base = w * each;
                Thread.ofPlatform().start(() -> {
                    MemorySegment out = bytes();
                    for (int i = 0; i < each; i++) {
                        out.set(ValueLayout.JAVA_INT, 0, base + i);
                        while (queue.send(out, 4) == PortQueue.Sent.FULL) {
                            Thread.yield();
                        }
                    }
                    done.countDown();
                });
            }
            for (int r = 0; r < 2; r++) {
                Thread.ofPlatform().start(() -> {
                    MemorySegment in = bytes();
                    while (received.get() < writers * each) {
                        if (queue.receive(in) == 4) {
                            seen.merge(in.get(ValueLayout.JAVA_INT, 0), 1, Integer::sum);
                            received.incrementAndGet();
                        } else {
                            Thread.yield();
                        }
                    }
                    done.countDown();
                });
            }
            done.await();
            assertEquals(writers * each, seen.size());
            assertTrue(seen.values().stream().allMatch(count -> count == 1));
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentsTest {

    private final List<OutSegments.One> made = new ArrayList<>();
    private final OutSegments segments = new OutSegments(number -> {
        made.add(new OutSegments.One(number));
        return made.getLast();
    });
    private final Fd memory = Files.memfd("segment", 0);
    private final MemorySegment map;

    SegmentsTest() {
        Files.ftruncate(memory, Segment.BYTES);
        map = Files.map(memory.number(), Segment.BYTES, true);
        Segment.init(map, 3, UnitProtocol.WORKER, UnitProtocol.ROUTER, (short) 1);
    }

    @AfterEach
    void close() {
        made.forEach(segment -> segment.memory.close());
        Files.unmap(map);
        memory.close();
    }

    private OutSegments.Claim claim(int bytes, int owner) {
        return segments.claim(bytes, owner).orElseThrow();
    }

    @Test
    void headerAsTheLibraryReadsIt() {
        claim(1, 1);
        MemorySegment header = made.getFirst().memory.map();
        assertEquals(UnitProtocol.ROUTER, header.get(ValueLayout.JAVA_INT, 4));
        assertEquals(0, header.get(ValueLayout.JAVA_INT, 8));
        assertEquals(-1, header.get(ValueLayout.JAVA_SHORT, 12));
        assertEquals(-2L, header.get(ValueLayout.JAVA_LONG, 24), "the first chunk is busy");
        assertEquals(-1L, header.get(ValueLayout.JAVA_LONG, 96));
        assertEquals(0L, header.get(ValueLayout.JAVA_LONG, 104), "guard");
        assertEquals(-1L, header.get(ValueLayout.JAVA_LONG, 184));
        assertEquals(0L, header.get(ValueLayout.JAVA_LONG, 192), "second guard");
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "16384, 1", "16385, 2", "10485760, 640"})
    void sizes(int bytes, int chunks) {
        OutSegments.Claim claim = claim(bytes, 7);
        assertEquals(chunks, claim.count());
        assertEquals((long) chunks * 16_384, claim.memory().byteSize());
    }

    @Test
    void chunksAreGivenOnce() {
        boolean[] given = new boolean[640];
        for (int i = 0; i < 64; i++) {
            OutSegments.Claim claim = claim(10 * 16_384, i + 1);
            assertEquals(0, claim.segment().id);
            for (int chunk = claim.first(); chunk < claim.first() + 10; chunk++) {
                assertFalse(given[chunk]);
                given[chunk] = true;
            }
        }
        assertEquals(1, claim(1, 99).segment().id);
    }

    @Test
    void whatProcessesFreeIsGivenAgain() {
        OutSegments.Claim first = claim(640 * 16_384, 1);
        Segment.free(made.getFirst().memory.map(), 130, 70);
        OutSegments.Claim again = claim(70 * 16_384, 2);
        assertEquals(0, again.segment().id);
        assertEquals(130, again.first());
        // Their first owner dies: it does not have them any more.
        first.release();
        assertFalse(Segment.isFree(made.getFirst().memory.map(), 130));
        assertFalse(Segment.isFree(made.getFirst().memory.map(), 199));
        assertTrue(Segment.isFree(made.getFirst().memory.map(), 129));
        assertTrue(Segment.isFree(made.getFirst().memory.map(), 200));
    }

    @Test
    void memoryIsBounded() {
        for (int i = 0; i < OutSegments.MOST; i++) {
            claim(Segment.ROOM, i + 1);
        }
        assertTrue(segments.claim(1, 99).isEmpty());
        Segment.free(made.get(5).memory.map(), 639, 1);
        assertEquals(5, claim(1, 100).segment().id);
    }

    // ---- what processes send ---------------------------------------------

    private InSegment received() {
        return new InSegment(memory.duplicate());
    }

    @Test
    void readsWhatAProcessHandsOver() {
        InSegment segment = received();
        assertEquals(3, segment.id());
        assertEquals(1, map.get(ValueLayout.JAVA_SHORT, 12));
        segment.open();
        assertEquals(-1, map.get(ValueLayout.JAVA_SHORT, 12));
        Segment.claim(map, 638, 2);
        map.set(ValueLayout.JAVA_BYTE, Segment.BYTES - 1, (byte) 42);
        segment.hold(638, 2 * Segment.CHUNK);
        assertTrue(segment.isHeld());
        ByteBuf end = segment.read(638, Segment.CHUNK, Segment.CHUNK);
        assertEquals(42, end.getByte(Segment.CHUNK - 1));
        end.release();
        assertFalse(segment.release(638, 2), "the process does not wait");
        assertTrue(Segment.isFree(map, 638) && Segment.isFree(map, 639));
        segment.done();
        assertFalse(segment.isHeld());
        map.set(ValueLayout.JAVA_LONG, Segment.AT_OOSM, 1L);
        assertTrue(segment.release(1, 1), "the process waits");
        assertEquals(0L, map.get(ValueLayout.JAVA_LONG, Segment.AT_OOSM));
        segment.done();
    }

    @ParameterizedTest
    @CsvSource({"-1, 1", "640, 1", "0, 0", "0, -1", "639, 16385", "0, 10485761", "1, 2147483647", "5, 1"})
    void refusesWhatCannotBeHandedOver(int chunk, int size) {
        InSegment segment = received();
        assertThrows(Broken.class, () -> segment.hold(chunk, size));
        segment.done();
    }

    @Test
    void refusesWhatItHas() {
        InSegment segment = received();
        Segment.claim(map, 10, 5);
        segment.hold(12, 1);
        assertThrows(Broken.class, () -> segment.hold(10, 3 * Segment.CHUNK));
        segment.done();
        segment.done();
    }

    @Test
    void whatIsHeldOutlivesTheProcess() {
        InSegment segment = received();
        Segment.claim(map, 0, 1);
        map.set(ValueLayout.JAVA_BYTE, Segment.at(0), (byte) 7);
        segment.hold(0, 1);
        segment.done();
        ByteBuf bytes = segment.read(0, 0, 1);
        assertEquals(7, bytes.getByte(0));
        bytes.release();
        segment.done();
        assertThrows(IllegalStateException.class, () -> segment.read(0, 0, 1));
    }

    @Test
    void memoryThatIsCutIsALie() {
        InSegment segment = received();
        Segment.claim(map, 0, 1);
        segment.hold(0, 1);
        Files.ftruncate(memory, Segment.HEADER);
        assertThrows(Broken.class, () -> segment.read(0, 0, 1));
        Files.ftruncate(memory, 0);
        assertThrows(InternalError.class, () -> segment.release(0, 1));
        segment.done();
        segment.done();
    }

    @ParameterizedTest
    @CsvSource({"4, 1", "8, 0"})
    void refusesMemoryOfOthers(int field, int value) {
        map.set(ValueLayout.JAVA_INT, field, value);
        assertThrows(Broken.class, this::received);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** Layout of a segment of shared memory ({@code spec/ports.md §6}). */
final class Segment {

    /** Size of the memory. */
    static final long BYTES = 10_489_856;
    /** What comes before the chunks. */
    static final int HEADER = 4096;
    static final int CHUNK = 16_384;
    static final int CHUNKS = 640;
    /** Bytes of all chunks. */
    static final int ROOM = CHUNK * CHUNKS;

    static final int AT_SOURCE = 4;
    static final int AT_TARGET = 8;
    static final int AT_SENT_OVER = 12;
    static final int AT_OOSM = 16;
    /** Anybody may use it. */
    static final short SENT_OVER_ALL = (short) 0xFFFF;

    static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();

    private static final int AT_FREE = 24;
    private static final int AT_TRACKING = 112;
    private static final int WORDS = CHUNKS / Long.SIZE;

    private Segment() {
    }

    /** Chunks that so many bytes take. */
    static int chunks(long bytes) {
        return (int) ((bytes + CHUNK - 1) / CHUNK);
    }

    /** Where a chunk begins. */
    static long at(int chunk) {
        return HEADER + (long) chunk * CHUNK;
    }

    /** Writes the header of new memory. */
    static void init(MemorySegment map, int id, int source, int target, short sentOver) {
        map.set(ValueLayout.JAVA_INT, 0, id);
        map.set(ValueLayout.JAVA_INT, AT_SOURCE, source);
        map.set(ValueLayout.JAVA_INT, AT_TARGET, target);
        map.set(ValueLayout.JAVA_SHORT, AT_SENT_OVER, sentOver);
        for (int i = 0; i < WORDS; i++) {
            map.set(ValueLayout.JAVA_LONG, AT_TRACKING + (long) i * Long.BYTES, -1L);
            LONG.setRelease(map, word(i), -1L);
        }
    }

    private static long word(int index) {
        return AT_FREE + (long) index * Long.BYTES;
    }

    /** Whether a chunk is free. */
    static boolean isFree(MemorySegment map, int chunk) {
        return ((long) LONG.getAcquire(map, word(chunk / Long.SIZE)) >>> chunk % Long.SIZE & 1) != 0;
    }

    /** Whether any chunk is free. */
    static boolean hasFree(MemorySegment map) {
        for (int i = 0; i < WORDS; i++) {
            if ((long) LONG.getAcquire(map, word(i)) != 0) {
                return true;
            }
        }
        return false;
    }

    /** Makes chunks busy; the caller is the only one who does. */
    static void claim(MemorySegment map, int first, int count) {
        for (int chunk = first; chunk < first + count; chunk++) {
            LONG.getAndBitwiseAnd(map, word(chunk / Long.SIZE), ~(1L << chunk % Long.SIZE));
        }
    }

    /** Makes chunks free, after the last access to them. */
    static void free(MemorySegment map, int first, int count) {
        int chunk = first;
        while (chunk < first + count) {
            int word = chunk / Long.SIZE;
            int end = Math.min(first + count, (word + 1) * Long.SIZE);
            long bits = (end - chunk == Long.SIZE ? -1L : (1L << end - chunk) - 1) << chunk % Long.SIZE;
            LONG.getAndBitwiseOr(map, word(word), bits);
            chunk = end;
        }
    }
}

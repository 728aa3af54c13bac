// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A circular queue of small numbers in shared memory for any number of writers and readers
 * ({@code spec/ports.md §8}): {@code u32 head, u32 entries[n], u32 tail}. An entry holds a number and, above it, the
 * round in which it was written. Processes write this memory as well: what makes no sense ends in {@link Broken} after
 * a bounded number of attempts.
 */
final class Ring {

    /** What {@link #take} returns when there is nothing. */
    static final int EMPTY = -1;

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final int ROUND = 0xFFFF;
    /** Attempts that fail only when others succeed meanwhile: far more than can be bad luck. */
    private static final int ATTEMPTS = 100_000;

    private final MemorySegment map;
    private final long head;
    private final long entries;
    private final long tail;
    private final int size;
    private final int shift;

    /**
     * A view of a ring.
     *
     * @param map the memory
     * @param at where it begins
     * @param size numbers that it holds, a power of two
     */
    Ring(MemorySegment map, long at, int size) {
        this.map = map;
        this.head = at;
        this.entries = at + Integer.BYTES;
        this.tail = entries + (long) size * Integer.BYTES;
        this.size = size;
        this.shift = Integer.numberOfTrailingZeros(size);
    }

    /** Bytes of a ring. */
    static long bytes(int size) {
        return (size + 2L) * Integer.BYTES;
    }

    /** Makes memory of zeros an empty ring; before others see it. */
    void init() {
        INT.setVolatile(map, head, size);
        INT.setVolatile(map, tail, size);
    }

    /** Puts the numbers from 0 into an empty ring; before others see it. */
    void fill() {
        for (int i = 0; i < size; i++) {
            map.set(ValueLayout.JAVA_INT, entries + (long) i * Integer.BYTES, size + i);
        }
        INT.setVolatile(map, tail, 2 * size);
    }

    private int round(int value) {
        return value >>> shift & ROUND;
    }

    private long entry(int position) {
        return entries + (long) (position & size - 1) * Integer.BYTES;
    }

    /** Appends a number, of which there must not be more than fit, and gives its position. */
    int put(int number) {
        for (int i = 0; i < ATTEMPTS; i++) {
            int at = (int) INT.getVolatile(map, tail);
            int old = (int) INT.getVolatile(map, entry(at));
            if (round(old) == round(at)) {
                // Another writer has not moved the end yet.
                INT.compareAndSet(map, tail, at, at + 1);
            } else if ((round(old) + 1 & ROUND) == round(at)
                && INT.compareAndSet(map, entry(at), old, (round(at) << shift) + number)) {
                INT.compareAndSet(map, tail, at, at + 1);
                return at;
            }
        }
        throw new Broken("a queue in its memory was destroyed");
    }

    /** Takes the oldest number; {@link #EMPTY} when there is none. */
    int take() {
        for (int i = 0; i < ATTEMPTS; i++) {
            int at = (int) INT.getVolatile(map, head);
            int entry = (int) INT.getVolatile(map, entry(at));
            if (round(entry) != round(at)) {
                if ((round(entry) + 1 & ROUND) == round(at)) {
                    return EMPTY;
                }
            } else if (INT.compareAndSet(map, head, at, at + 1)) {
                return entry & size - 1;
            }
        }
        throw new Broken("a queue in its memory was destroyed");
    }

    /** Whether there is nothing to take at this moment. */
    boolean isEmpty() {
        int at = (int) INT.getVolatile(map, head);
        return round((int) INT.getVolatile(map, entry(at))) != round(at);
    }

    /** Whether what was put at the position has been taken. */
    boolean isTaken(int position) {
        return (int) INT.getVolatile(map, head) - position > 0;
    }
}

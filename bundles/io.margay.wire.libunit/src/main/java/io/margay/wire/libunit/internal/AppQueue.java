// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The queue from which all processes of an application take requests ({@code spec/ports.md §9}). They write this
 * memory, so what the router needs to know of an item is also in its own. Any thread.
 */
final class AppQueue implements AutoCloseable {

    /** Size of the memory. */
    static final long BYTES = 5_767_188;

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final int COUNT = 131_072;
    private static final int ITEM = 36;
    private static final int AT_TRACKING = 32;
    private static final int WORN = 1 << 30;
    private static final long FREE = 4;
    private static final long QUEUE = FREE + Ring.bytes(COUNT);
    private static final long ITEMS = QUEUE + Ring.bytes(COUNT);

    private final SharedMemory memory;
    /**
     * Stream of each item, and below it what its sender keeps. Not on the heap: it would hold a megabyte for each
     * application, here an item that was never used takes nothing.
     */
    private final SharedMemory known;
    private final MemorySegment map;
    private final MemorySegment notes;
    private final Ring free;
    private final Ring queue;

    /** Told of a request that was taken back. */
    interface Taken {
        /** The router has it again. */
        void taken(int stream, int tag);
    }

    AppQueue() {
        memory = SharedMemory.make("unit.app", BYTES);
        try {
            known = SharedMemory.make("unit.known", COUNT * Long.BYTES);
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
        // Nobody else is ever given it.
        known.closeFile();
        map = memory.map();
        notes = known.map();
        free = new Ring(map, FREE, COUNT);
        queue = new Ring(map, QUEUE, COUNT);
        free.init();
        queue.init();
        free.fill();
    }

    /** Its descriptor. */
    int number() {
        return memory.number();
    }

    private static long item(int index) {
        return ITEMS + (long) index * ITEM;
    }

    /**
     * Appends a request.
     *
     * @param message of at most {@link PortQueue#LONGEST} bytes
     * @param stream not 0
     * @param tag what {@link #takeBack} tells
     * @return number of the item in the lower half, its place in the queue in the upper; -1 when there is no room
     */
    long send(MemorySegment message, int length, int stream, int tag) {
        int index = free.take();
        if (index == Ring.EMPTY) {
            return -1;
        }
        LONG.setVolatile(notes, (long) index * Long.BYTES, (long) stream << 32 | Integer.toUnsignedLong(tag));
        map.set(ValueLayout.JAVA_BYTE, item(index), (byte) length);
        MemorySegment.copy(message, 0, map, item(index) + 1, length);
        INT.setVolatile(map, item(index) + AT_TRACKING, stream);
        int position = queue.put(index);
        if (position < 0) {
            // Long before, nothing was to be put here any more.
            throw new Broken("a queue in its memory was destroyed");
        }
        return (long) position << 32 | index;
    }

    /** Whether processes have to be woken; to be asked after each {@link #send}. */
    boolean notifies() {
        return (int) INT.getVolatile(map, 0L) == 0 && INT.compareAndSet(map, 0L, 0, 1);
    }

    /**
     * Whether another process or thread has to be woken; to be asked when one has taken a request. The word for what
     * came before that one looked is gone with it, and it may work for long.
     */
    boolean notifiesAgain() {
        return !queue.isEmpty() && notifies();
    }

    /** Takes a request back; false when a process has it. */
    boolean cancel(int index, int stream) {
        long at = item(index) + AT_TRACKING;
        return (int) INT.getVolatile(map, at) == stream && INT.compareAndSet(map, at, stream, 0);
    }

    /** Whether a process may say that it works on the request. */
    boolean isTaken(int index, int stream) {
        return (int) INT.getVolatile(map, item(index) + AT_TRACKING) != stream;
    }

    /** Whether the request is not in the queue any more, so that a process has it or died over it. */
    boolean hasLeft(int position) {
        return queue.isTaken(position);
    }

    /**
     * Whether the queue has to be replaced: its counters have 32 bits, and after them it could not tell what is in it
     * ({@code spec/ports.md §14}).
     *
     * @param place what {@link #send} gave
     */
    static boolean isWorn(long place) {
        return place >> 32 >= WORN;
    }

    /** Takes back what no process has, oldest first, at most so many; gives how many. */
    int takeBack(int most, Taken each) {
        int count = 0;
        while (count < most) {
            int index = queue.take();
            if (index == Ring.EMPTY) {
                break;
            }
            long entry = (long) LONG.getVolatile(notes, (long) index * Long.BYTES);
            int stream = (int) (entry >>> 32);
            if (stream != 0 && cancel(index, stream)) {
                count++;
                each.taken(stream, (int) entry);
            }
            free.put(index);
        }
        return count;
    }

    @Override
    public void close() {
        memory.close();
        known.close();
    }
}

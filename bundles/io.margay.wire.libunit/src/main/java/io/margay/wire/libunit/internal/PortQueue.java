// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.posix.Fd;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** The queue of a port: short messages that need no system call ({@code spec/ports.md §8}). Any thread. */
final class PortQueue implements AutoCloseable {

    /** Size of the memory. */
    static final long BYTES = 655_380;
    /** Longest message. */
    static final int LONGEST = 31;

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final int COUNT = 16_384;
    private static final int ITEM = 32;
    private static final long FREE = 4;
    private static final long QUEUE = FREE + Ring.bytes(COUNT);
    private static final long ITEMS = QUEUE + Ring.bytes(COUNT);

    private final SharedMemory memory;
    private final MemorySegment map;
    private final Ring free;
    private final Ring queue;

    /** What became of a message. */
    enum Sent {
        /** It is in the queue, and the reader looks there by itself. */
        QUIETLY,
        /** It is in the queue, and the reader has to be woken. */
        WAKE,
        /** There is no room. */
        FULL
    }

    private PortQueue(SharedMemory memory) {
        this.memory = memory;
        this.map = memory.map();
        this.free = new Ring(map, FREE, COUNT);
        this.queue = new Ring(map, QUEUE, COUNT);
    }

    /** An empty queue. */
    static PortQueue make() {
        PortQueue made = new PortQueue(SharedMemory.make("unit.port", BYTES));
        made.free.init();
        made.queue.init();
        made.free.fill();
        return made;
    }

    /** A queue that a process has made; the descriptor is taken over, also when it fails. */
    static PortQueue foreign(Fd fd) {
        SharedMemory memory = SharedMemory.foreign(fd, BYTES, BYTES);
        memory.closeFile();
        return new PortQueue(memory);
    }

    /** The descriptor of a queue that was made here. */
    int number() {
        return memory.number();
    }

    private static long item(int index) {
        return ITEMS + (long) index * ITEM;
    }

    /** Appends a message of at most {@link #LONGEST} bytes. */
    Sent send(MemorySegment message, long length) {
        int index = free.take();
        if (index == Ring.EMPTY) {
            return Sent.FULL;
        }
        map.set(ValueLayout.JAVA_BYTE, item(index), (byte) length);
        MemorySegment.copy(message, 0, map, item(index) + 1, length);
        queue.put(index);
        return (int) INT.getAndAdd(map, 0L, 1) == 0 ? Sent.WAKE : Sent.QUIETLY;
    }

    /** Takes the oldest message, and gives its length; {@link Ring#EMPTY} when there is none. */
    int receive(MemorySegment into) {
        int index = queue.take();
        if (index == Ring.EMPTY) {
            return Ring.EMPTY;
        }
        int length = Byte.toUnsignedInt(map.get(ValueLayout.JAVA_BYTE, item(index)));
        if (length == 0 || length > LONGEST) {
            throw new Broken("it put " + length + " bytes into an item of a queue");
        }
        MemorySegment.copy(map, item(index) + 1, into, 0, length);
        free.put(index);
        INT.getAndAdd(map, 0L, -1);
        return length;
    }

    @Override
    public void close() {
        memory.close();
    }
}

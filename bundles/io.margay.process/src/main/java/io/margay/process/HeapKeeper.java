// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.engine.EventLoop;

/**
 * Gives memory back that a process has needed for a while: the heap of a virtual machine grows under load, and shrinks
 * only when all of it is collected, which a process without work never has a reason for. On the loop of the process.
 */
public final class HeapKeeper {

    /**
     * What a heap has, in bytes.
     *
     * @param held memory taken from the system
     * @param used memory of objects, dead ones included
     */
    public record Heap(long held, long used) {

        /** That of this process. */
        public static Heap now() {
            Runtime runtime = Runtime.getRuntime();
            long held = runtime.totalMemory();
            return new Heap(held, held - runtime.freeMemory());
        }
    }

    /** The system under it. */
    interface Machine {

        Heap heap();

        void collect();
    }

    static final long LOOK_MILLIS = 10_000;
    /** Less than this is not worth a pause. */
    private static final long WORTH = 2L << 20;
    /** A process that allocates less between two looks has nothing to do. */
    private static final long QUIET = 1L << 20;

    private final EventLoop loop;
    private final Machine machine;
    private long least;
    private long before;

    /** Of a loop and a machine; it begins with {@link #look}. */
    HeapKeeper(EventLoop loop, Machine machine) {
        this.loop = loop;
        this.machine = machine;
        Heap heap = machine.heap();
        least = heap.held();
        before = heap.used();
    }

    /** Looks after the heap of this process as long as its loop runs. On the loop. */
    public static void keep(EventLoop loop) {
        new HeapKeeper(loop, new Machine() {
            @Override
            public Heap heap() {
                return Heap.now();
            }

            @Override
            public void collect() {
                System.gc();
            }
        }).arm();
    }

    void arm() {
        loop.schedule(LOOK_MILLIS, this::look);
    }

    private void look() {
        Heap heap = machine.heap();
        long allocated = heap.used() - before;
        // Less used than before: the machine has collected by itself, so there was work.
        if (heap.held() - least >= WORTH && allocated >= 0 && allocated < QUIET) {
            machine.collect();
            heap = machine.heap();
            // What it keeps, it needs: another pause would bring nothing.
            least = heap.held();
        }
        before = heap.used();
        arm();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import io.margay.posix.Fd;
import io.margay.posix.Files;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.BitSet;

/**
 * Shared memory in which each context of a worker notes the request that it works on, and the router those that nobody
 * waits for any more. Workers write it, so it is advice
 * and nothing in the router's memory may depend on it. A closed object must not be read any more.
 */
final class Slots implements AutoCloseable {

    /** Contexts that the workers of one generation may have together. */
    static final int COUNT = 4096;
    /** Requests behind the slots that are not wanted any more, by a number made of loop and stream; newer ones win. */
    static final int CANCELS = 4096;
    /** Size of the shared memory. */
    static final int BYTES = COUNT * 64 + CANCELS * 8 + 64;

    private static final int SLOT = 64;
    /** More than a context takes at a time. */
    private static final int MOST_ACTIVE = 65_536;
    private static final int LOOP_STEP = 31;
    private static final int AT_STREAM = 0;
    private static final int AT_LOOP = 4;
    private static final int AT_SERVED = 8;
    private static final int AT_ACTIVE = 12;
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private final Fd memory;
    private final MemorySegment map;
    private final BitSet used = new BitSet(COUNT);
    private volatile int high;

    Slots() {
        memory = Files.memfd("slots", Files.MFD_ALLOW_SEALING);
        try {
            Files.ftruncate(memory, BYTES);
            // A worker that shrank the file would kill the router by SIGBUS at the next read.
            Files.seal(memory, Files.F_SEAL_SHRINK | Files.F_SEAL_GROW | Files.F_SEAL_SEAL);
            map = Files.map(memory.number(), BYTES, true);
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    /** Notes that a request is not wanted any more; on its loop. */
    void cancel(int loop, int stream) {
        long at = COUNT * (long) SLOT + (long) (stream + LOOP_STEP * loop & CANCELS - 1) * 8;
        INT.setRelease(map, at + 4, loop);
        INT.setRelease(map, at, stream);
        INT.setRelease(map, COUNT * (long) SLOT + CANCELS * 8, 1);
    }

    boolean isOpen() {
        return memory.isOpen();
    }

    int number() {
        return memory.number();
    }

    /** Reserves consecutive slots; -1 when there is no room. Home loop only, like {@link #free}. */
    int allocate(int count) {
        int at = 0;
        while (at + count <= COUNT) {
            int taken = used.nextSetBit(at);
            if (taken < 0 || taken >= at + count) {
                used.set(at, at + count);
                for (int slot = at; slot < at + count; slot++) {
                    map.asSlice((long) slot * SLOT, SLOT).fill((byte) 0);
                }
                high = used.length();
                return at;
            }
            at = taken + 1;
        }
        return -1;
    }

    void free(int first, int count) {
        used.clear(first, first + count);
        high = used.length();
    }

    /** All slots in use are below this number. */
    int high() {
        return high;
    }

    /** The stream that the slot's context works on, 0 if none. */
    int stream(int slot) {
        return (int) INT.getAcquire(map, (long) slot * SLOT + AT_STREAM);
    }

    /** The loop that the stream belongs to. */
    int loop(int slot) {
        return (int) INT.getAcquire(map, (long) slot * SLOT + AT_LOOP);
    }

    /** Requests that the context works on, as it says. */
    int active(int slot) {
        int active = (int) INT.getAcquire(map, (long) slot * SLOT + AT_ACTIVE);
        return Math.max(stream(slot) == 0 ? 0 : 1, Math.min(active, MOST_ACTIVE));
    }

    /** Requests that the context has finished, modulo 2^32. */
    int served(int slot) {
        return (int) INT.getAcquire(map, (long) slot * SLOT + AT_SERVED);
    }

    @Override
    public void close() {
        if (memory.isOpen()) {
            memory.close();
            Files.unmap(map);
        }
    }
}

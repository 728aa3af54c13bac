// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Memory in which a process answers. Its chunks are read by {@code pread}, since the process could take the pages away.
 * Lives as long as somebody has to read what the process has left in it. Any thread.
 */
final class InSegment {

    private final Fd file;
    private final SharedMemory header;
    private final MemorySegment map;
    private final int id;
    /** Chunks that the router has, whatever the process says: it could send the same ones again and again. */
    private final AtomicLongArray held = new AtomicLongArray(Segment.CHUNKS / Long.SIZE);
    /** Those who use it, the process included. */
    private final AtomicInteger users = new AtomicInteger(1);

    /**
     * Memory that a process sent.
     *
     * @param fd taken over, also when it fails
     * @throws Broken when it is not what it must be
     */
    InSegment(Fd fd) {
        file = fd.duplicate();
        try {
            header = SharedMemory.foreign(fd, Segment.BYTES, Segment.HEADER);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
        header.closeFile();
        map = header.map();
        id = map.get(ValueLayout.JAVA_INT, 0);
        int source = map.get(ValueLayout.JAVA_INT, Segment.AT_SOURCE);
        int target = map.get(ValueLayout.JAVA_INT, Segment.AT_TARGET);
        if (source != UnitProtocol.WORKER || target != UnitProtocol.ROUTER) {
            close();
            throw new Broken("it sent memory from " + source + " to " + target);
        }
    }

    /** Its number among those of the process, unchecked. */
    int id() {
        return id;
    }

    /** From now on the process may use it for messages by any port. */
    void open() {
        Segment.SHORT.setRelease(map, (long) Segment.AT_SENT_OVER, Segment.SENT_OVER_ALL);
    }

    /** Whether the process could have more. */
    boolean hasFree() {
        return Segment.hasFree(map);
    }

    /**
     * Bytes that the process has handed over; the router's until {@link #release}.
     *
     * @throws Broken when they are not in the segment, or cannot be handed over
     */
    void hold(int chunk, int size) {
        if (chunk < 0 || chunk >= Segment.CHUNKS || size <= 0
            || size > (long) (Segment.CHUNKS - chunk) * Segment.CHUNK) {
            throw new Broken("it sent " + Integer.toUnsignedString(size) + " bytes in chunk "
                + Integer.toUnsignedString(chunk) + " of its memory");
        }
        users.incrementAndGet();
        try {
            holdEach(chunk, chunk + Segment.chunks(size));
        } catch (Broken | InternalError e) {
            // What was held up to here stays so: the process ends by this.
            done();
            throw e;
        }
    }

    private void holdEach(int first, int end) {
        for (int i = first; i < end; i++) {
            long bit = 1L << i % Long.SIZE;
            boolean had = (held.getAndAccumulate(i / Long.SIZE, bit, (a, b) -> a | b) & bit) != 0;
            if (had || Segment.isFree(map, i)) {
                throw new Broken("it sent chunk " + i + " of its memory, which is not its own now");
            }
        }
    }

    /** Copies bytes from a position behind the beginning of a chunk. */
    ByteBuf read(int chunk, int offset, int length) {
        ByteBuf part = ByteBufAllocator.DEFAULT.directBuffer(length, length);
        try {
            MemorySegment to = MemorySegment.ofBuffer(part.internalNioBuffer(0, length));
            int done = 0;
            while (done < length) {
                int count = Files.pread(file.number(), to, done, length - done, Segment.at(chunk) + offset + done);
                if (count <= 0) {
                    throw new Broken("it has cut its memory");
                }
                done += count;
            }
            return part.writerIndex(length);
        } catch (RuntimeException e) {
            part.release();
            if (e instanceof PosixException) {
                throw new Broken("its memory cannot be read");
            }
            throw e;
        }
    }

    /** Gives chunks back; true when the process waits for that. */
    boolean release(int chunk, int count) {
        for (int i = chunk; i < chunk + count; i++) {
            long bit = ~(1L << i % Long.SIZE);
            held.getAndAccumulate(i / Long.SIZE, bit, (a, b) -> a & b);
        }
        Segment.free(map, chunk, count);
        return (long) Segment.LONG.getVolatile(map, (long) Segment.AT_OOSM) == 1
            && Segment.LONG.compareAndSet(map, (long) Segment.AT_OOSM, 1L, 0L);
    }

    /** Whether the router has something of it. */
    boolean isHeld() {
        return users.get() > 1;
    }

    /** Somebody who used it does not any more. */
    void done() {
        if (users.decrementAndGet() == 0) {
            close();
        }
    }

    private void close() {
        file.close();
        header.close();
    }
}

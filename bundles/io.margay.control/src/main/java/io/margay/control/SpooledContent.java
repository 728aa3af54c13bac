// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A content of known length that is too large for the heap: it goes into memory that is sealed when it is complete. */
final class SpooledContent implements AutoCloseable {

    private final Fd memory;
    private final long length;
    private long written;

    /**
     * Nothing is there yet.
     *
     * @param length bytes to come
     */
    SpooledContent(long length) throws ControlRequestReader.Refused {
        this.length = length;
        try {
            this.memory = Files.memfd("content", Files.MFD_ALLOW_SEALING);
        } catch (PosixException e) {
            throw new ControlRequestReader.Refused(500, "There is no memory for the content: " + e.getMessage());
        }
    }

    /**
     * Takes bytes; what follows the content is dropped.
     *
     * @return true when the content is complete
     */
    boolean take(byte[] bytes, int from, int to) throws ControlRequestReader.Refused {
        int count = (int) Math.min(to - from, length - written);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment piece = arena.allocate(Math.max(1, count));
            MemorySegment.copy(bytes, from, piece, ValueLayout.JAVA_BYTE, 0, count);
            int done = 0;
            while (done < count) {
                done += Files.write(memory.number(), piece, done, count - done);
            }
            written += count;
            if (written == length) {
                Files.seal(memory, Files.SEAL_ALL);
            }
        } catch (PosixException e) {
            throw new ControlRequestReader.Refused(500, "There is no memory for the content: " + e.getMessage());
        }
        return written == length;
    }

    /** Sealed when the content is complete; closed with this. */
    Fd memory() {
        return memory;
    }

    @Override
    public void close() {
        memory.close();
    }
}

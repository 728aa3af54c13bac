// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory shared with processes. What is made here can be neither shrunk nor grown. What a process has made can, since
 * libunit does not allow seals, so it is used with care: data is read by {@code pread}, and for the few words that need
 * atomic access an {@link InternalError} means that the memory is not there any more. HotSpot turns the fault into that
 * error except in a compare-and-set that it interprets, so a read of the same word always comes before one.
 */
final class SharedMemory implements AutoCloseable {

    private final Fd fd;
    private final Arena arena;
    private final MemorySegment map;

    private SharedMemory(Fd fd, long size) {
        this.fd = fd;
        arena = Arena.ofShared();
        map = mapped(fd.number(), size, arena);
    }

    @SuppressWarnings("restricted")
    private static MemorySegment mapped(int number, long size, Arena arena) {
        // Use after the end is an exception then, and not a crash.
        return Files.map(number, size, true).reinterpret(arena, Files::unmap);
    }

    /** New memory, filled with zeros. */
    static SharedMemory make(String name, long size) {
        Fd fd = Files.memfd(name, Files.MFD_ALLOW_SEALING);
        try {
            Files.ftruncate(fd, size);
            Files.seal(fd, Files.F_SEAL_SHRINK | Files.F_SEAL_GROW | Files.F_SEAL_SEAL);
            return new SharedMemory(fd, size);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /**
     * Memory that a process has made.
     *
     * @param fd taken over, also when it fails
     * @param size that the file must have
     * @param mapped how much of it is used by its address
     * @throws Broken when it is anything else
     */
    static SharedMemory foreign(Fd fd, long size, long mapped) {
        try {
            // Only memory has seals; reading any other file could block.
            Files.seals(fd.number());
            long actual = Files.status(fd.number()).size();
            if (actual != size) {
                throw new Broken("it sent memory of " + actual + " bytes instead of " + size);
            }
            return new SharedMemory(fd, mapped);
        } catch (PosixException e) {
            fd.close();
            throw new Broken("it sent a descriptor that is no memory");
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /** The memory; must not be used after {@link #close}, which is an exception then. */
    MemorySegment map() {
        return map;
    }

    /** Its descriptor. */
    int number() {
        return fd.number();
    }

    /** Lets go of the descriptor; the mapping stays. */
    void closeFile() {
        fd.close();
    }

    @Override
    public void close() {
        fd.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}

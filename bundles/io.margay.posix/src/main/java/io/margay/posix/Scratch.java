// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Native memory of one thread, reused by each of its calls, so that a call allocates nothing.
 *
 * <p>No method of this package holds it across a call into other code, so it needs no protection from reentry.
 */
final class Scratch {
    /** Where a message header begins ({@code struct msghdr}). */
    static final int HEADER = 0;
    /** Two {@code struct iovec}. */
    static final int VECTORS = 64;
    /** A socket address, up to 128 bytes. */
    static final int ADDRESS = 96;
    /** Small in-out values. */
    static final int VALUE = 224;
    /** A second small value. */
    static final int LENGTH = 240;
    /** Control messages of {@link #CONTROL_SIZE} bytes. */
    static final int CONTROL = 256;
    /** 253 descriptors and one set of credentials. */
    static final int CONTROL_SIZE = 1088;
    /** Structures of up to 512 bytes (statx, signal sets, open_how). */
    static final int STRUCT = 1344;
    /** Longest path with its NUL. */
    static final int PATH_MAX = 4096;

    private static final int PATH = 2048;
    private static final ThreadLocal<Scratch> CURRENT = ThreadLocal.withInitial(Scratch::new);

    /** Where the linker stores errno. */
    final MemorySegment capture;
    /** The working memory. */
    final MemorySegment memory;
    private final long base;

    private Scratch() {
        Arena arena = Arena.ofAuto();
        capture = arena.allocate(Linker.Option.captureStateLayout());
        memory = arena.allocate(PATH + 2 * PATH_MAX, 16);
        base = memory.address();
    }

    static Scratch current() {
        return CURRENT.get();
    }

    /** errno of the thread's last call that failed. */
    static int errno() {
        return CURRENT.get().capture.get(ValueLayout.JAVA_INT, 0);
    }

    long address(int offset) {
        return base + offset;
    }

    void putInt(int offset, int value) {
        memory.set(ValueLayout.JAVA_INT, offset, value);
    }

    int getInt(int offset) {
        return memory.get(ValueLayout.JAVA_INT, offset);
    }

    void putLong(int offset, long value) {
        memory.set(ValueLayout.JAVA_LONG, offset, value);
    }

    long getLong(int offset) {
        return memory.get(ValueLayout.JAVA_LONG, offset);
    }

    void clear(int offset, int length) {
        memory.asSlice(offset, length).fill((byte) 0);
    }

    /** Stores a path as a C string in the first or second slot; returns its address. */
    long path(String path, int slot) {
        return path(path.getBytes(StandardCharsets.UTF_8), slot);
    }

    /** Stores a path; one that C would cut short at a NUL or that is too long is refused. */
    long path(byte[] path, int slot) {
        for (byte b : path) {
            if (b == 0) {
                throw new PosixException("path with a NUL byte", Errno.EINVAL);
            }
        }
        if (path.length >= PATH_MAX) {
            throw new PosixException("path of " + path.length + " bytes", Errno.ENAMETOOLONG);
        }
        int offset = PATH + slot * PATH_MAX;
        MemorySegment.copy(path, 0, memory, ValueLayout.JAVA_BYTE, offset, path.length);
        memory.set(ValueLayout.JAVA_BYTE, offset + path.length, (byte) 0);
        return base + offset;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Users and groups by name, as the name services of the C library know them. Any thread may call, and may have to wait
 * as long as they do.
 */
public final class Names {
    private static final NativeCall GETPWNAM = NativeCall.of("getpwnam_r");
    private static final NativeCall GETGRNAM = NativeCall.of("getgrnam_r");
    private static final int FIRST_TRY = 1024;
    /** A group with some hundred thousand members. */
    private static final int MOST = 16 << 20;

    // Both structures begin with two pointers, name and password, on every 64-bit Linux.
    private static final int STRUCT = 64;
    private static final int AT_UID = 16;
    private static final int AT_USER_GID = 20;
    private static final int AT_GROUP_GID = 16;

    private Names() {
    }

    /**
     * A user.
     *
     * @param uid the user, unsigned
     * @param gid the primary group, unsigned
     */
    public record User(int uid, int gid) {
    }

    /**
     * The user of a name; empty when there is none.
     *
     * @throws PosixException when the look-up fails; some name services say so of names that they do not know
     */
    public static Optional<User> user(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(STRUCT, Long.BYTES);
            return find(arena, GETPWNAM, "getpwnam", name, entry) ? Optional.of(new User(
                entry.get(ValueLayout.JAVA_INT, AT_UID), entry.get(ValueLayout.JAVA_INT, AT_USER_GID)))
                : Optional.empty();
        }
    }

    /**
     * The id of the group of a name, unsigned; empty when there is none.
     *
     * @throws PosixException when the look-up fails; some name services say so of names that they do not know
     */
    public static Optional<Integer> group(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(STRUCT, Long.BYTES);
            return find(arena, GETGRNAM, "getgrnam", name, entry)
                ? Optional.of(entry.get(ValueLayout.JAVA_INT, AT_GROUP_GID)) : Optional.empty();
        }
    }

    private static boolean find(Arena arena, NativeCall call, String function, String name, MemorySegment entry) {
        if (name.indexOf('\0') >= 0) {
            throw new PosixException(function + "()", Errno.EINVAL);
        }
        MemorySegment text = arena.allocateFrom(name, StandardCharsets.UTF_8);
        MemorySegment found = arena.allocate(ValueLayout.JAVA_LONG);
        for (long size = FIRST_TRY; size <= MOST; size *= 4) {
            MemorySegment strings = arena.allocate(size);
            int errno = call.call(text.address(), entry.address(), strings.address(), size, found.address());
            if (errno != Errno.ERANGE) {
                if (errno != 0) {
                    throw new PosixException(function + "(\"" + name + "\")", errno);
                }
                return found.get(ValueLayout.JAVA_LONG, 0) != 0;
            }
        }
        throw new PosixException(function + "(\"" + name + "\")", Errno.ERANGE);
    }
}

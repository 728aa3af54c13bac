// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/** What directories hold. Names are bytes, as they are in the file system. */
public final class DirectoryNames {
    private static final NativeCall GETDENTS64 = NativeCall.of("syscall");
    private static final int SYS_GETDENTS64 = Files.Arch.ARM ? 61 : 217;
    private static final int ROOM = 32 * 1024;
    /** Of a {@code struct linux_dirent64}: the length of the record, and where its name begins. */
    private static final int LENGTH_AT = 16;
    private static final int NAME_AT = 19;
    private static final ValueLayout.OfShort SHORT =
        ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.nativeOrder());

    private DirectoryNames() {
    }

    /**
     * Reads an open directory from where it stands.
     *
     * @param fd not closed
     * @param most names that are wanted
     * @param names takes them in no order, without {@code .} and {@code ..}
     * @return whether there are more
     * @throws PosixException if it cannot be read
     */
    public static boolean read(int fd, int most, Consumer<byte[]> names) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(ROOM, Long.BYTES);
            int left = most;
            while (true) {
                int size = (int) GETDENTS64.callLong(SYS_GETDENTS64, fd, buffer.address(), ROOM, 0);
                if (size < 0) {
                    throw PosixException.last("getdents64", fd);
                }
                if (size == 0) {
                    return false;
                }
                for (int at = 0; at < size; at += Short.toUnsignedInt(buffer.get(SHORT, at + LENGTH_AT))) {
                    byte[] name = name(buffer, at + NAME_AT);
                    if (isReal(name)) {
                        if (left-- == 0) {
                            return true;
                        }
                        names.accept(name);
                    }
                }
            }
        }
    }

    private static byte[] name(MemorySegment buffer, int from) {
        int to = from;
        while (buffer.get(ValueLayout.JAVA_BYTE, to) != 0) {
            to++;
        }
        return buffer.asSlice(from, to - from).toArray(ValueLayout.JAVA_BYTE);
    }

    private static boolean isReal(byte[] name) {
        return name.length > 2 || name[0] != '.' || name.length == 2 && name[1] != '.';
    }
}

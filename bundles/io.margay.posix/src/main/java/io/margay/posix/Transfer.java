// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/** The part of {@link Files} that moves bytes, maps them and reads their status. */
final class Transfer {
    static final int EMPTY_PATH = 0x1000;
    static final int NO_FOLLOW = 0x100;

    private static final int BASIC_STATS = 0x7FF;
    private static final int CHUNK = 65_536;
    private static final int SMALL_CHUNK = 4096;
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int MAP_SHARED = 1;
    private static final NativeCall READ = NativeCall.of("read");
    private static final NativeCall PREAD = NativeCall.of("pread");
    private static final NativeCall WRITE = NativeCall.of("write");
    private static final NativeCall SENDFILE = NativeCall.of("sendfile");
    private static final NativeCall MMAP = NativeCall.of("mmap");
    private static final NativeCall MUNMAP = NativeCall.of("munmap");
    private static final NativeCall STATX = NativeCall.of("statx");

    private Transfer() {
    }

    static int read(int fd, MemorySegment buffer, long offset, long length) {
        check(buffer, offset, length);
        try {
            Scratch scratch = Scratch.current();
            while (true) {
                long count = READ.callLong(scratch, fd, buffer.address() + offset, length);
                if (count >= 0 || !retry("read", fd)) {
                    return count >= 0 ? (int) count : Sockets.WOULD_BLOCK;
                }
            }
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    static int pread(int fd, MemorySegment buffer, long offset, long length, long position) {
        check(buffer, offset, length);
        try {
            Scratch scratch = Scratch.current();
            while (true) {
                long count = PREAD.callLong(scratch, fd, buffer.address() + offset, length, position);
                if (count >= 0 || !retry("pread", fd)) {
                    return count >= 0 ? (int) count : Sockets.WOULD_BLOCK;
                }
            }
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    static int write(int fd, MemorySegment buffer, long offset, long length) {
        check(buffer, offset, length);
        try {
            Scratch scratch = Scratch.current();
            while (true) {
                long count = WRITE.callLong(scratch, fd, buffer.address() + offset, length);
                if (count >= 0 || !retry("write", fd)) {
                    return count >= 0 ? (int) count : Sockets.WOULD_BLOCK;
                }
            }
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    static long send(int socket, int file, long position, long most) {
        Scratch scratch = Scratch.current();
        scratch.putLong(Scratch.VALUE, position);
        while (true) {
            long count = SENDFILE.callLong(scratch, socket, file, scratch.address(Scratch.VALUE), most);
            if (count >= 0 || !retry("sendfile", socket)) {
                return count >= 0 ? count : Sockets.WOULD_BLOCK;
            }
        }
    }

    static void writeAll(int fd, byte[] bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.max(1, Math.min(bytes.length, CHUNK)));
            int done = 0;
            while (done < bytes.length) {
                int part = Math.min(bytes.length - done, CHUNK);
                MemorySegment.copy(bytes, done, buffer, ValueLayout.JAVA_BYTE, 0, part);
                int count = write(fd, buffer, 0, part);
                if (count < 0) {
                    throw new PosixException("write(" + fd + ")", -count);
                }
                done += count;
            }
        }
    }

    static byte[] readAll(int fd, int limit) {
        // Of the right size at once where the file tells it: growing takes three times the memory.
        FileStatus status = status(fd, "", EMPTY_PATH).orElseThrow();
        int expected = status.isRegular() ? (int) Math.min(status.size(), limit) : 0;
        Content content = new Content(expected);
        try (Arena arena = Arena.ofConfined()) {
            // Cleared before its first use, so not more than is of use.
            int size = Math.clamp(expected + 1L, SMALL_CHUNK, CHUNK);
            MemorySegment buffer = arena.allocate(size);
            while (true) {
                int count = read(fd, buffer, 0, size);
                if (count < 0) {
                    throw new PosixException("read(" + fd + ")", -count);
                }
                if (count == 0) {
                    return content.bytes();
                }
                if (count > limit - content.length) {
                    throw new PosixException("read(" + fd + ") of at most " + limit + " bytes", Errno.EFBIG);
                }
                content.add(buffer, count);
            }
        }
    }

    /** What was read so far. */
    private static final class Content {
        private byte[] bytes;
        private int length;

        Content(int expected) {
            this.bytes = new byte[expected];
        }

        void add(MemorySegment from, int count) {
            if (count > bytes.length - length) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8, 2L * length + count));
            }
            MemorySegment.copy(from, ValueLayout.JAVA_BYTE, 0, bytes, length, count);
            length += count;
        }

        byte[] bytes() {
            return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
        }
    }

    static MemorySegment map(int fd, long size, boolean writable) {
        int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
        long address = MMAP.callLong(0, size, protection, MAP_SHARED, fd, 0);
        if (address == -1) {
            throw PosixException.last("mmap(" + fd + ", " + size + ")");
        }
        MemorySegment mapping = MemorySegment.ofAddress(address).reinterpret(size);
        return writable ? mapping : mapping.asReadOnly();
    }

    static void unmap(MemorySegment mapping) {
        if (MUNMAP.call(mapping.address(), mapping.byteSize()) < 0) {
            throw PosixException.last("munmap()");
        }
    }

    static Optional<FileStatus> status(int directory, String path, int flags) {
        return status(directory, path.getBytes(StandardCharsets.UTF_8), flags);
    }

    static Optional<FileStatus> status(int directory, byte[] path, int flags) {
        Scratch scratch = Scratch.current();
        long name = scratch.path(path, 0);
        if (STATX.call(directory, name, flags, BASIC_STATS, scratch.address(Scratch.STRUCT)) < 0) {
            int errno = Scratch.errno();
            if (errno == Errno.ENOENT || errno == Errno.ENOTDIR) {
                return Optional.empty();
            }
            throw new PosixException(path.length == 0 ? "statx(" + directory + ")"
                : "statx(\"" + new String(path, StandardCharsets.UTF_8) + "\")", errno);
        }
        // struct statx has one layout on every architecture, unlike struct stat.
        int at = Scratch.STRUCT;
        int mode = scratch.getInt(at + 28) & 0xFFFF;
        long device = Integer.toUnsignedLong(scratch.getInt(at + 136)) << 32
            | Integer.toUnsignedLong(scratch.getInt(at + 140));
        return Optional.of(new FileStatus(mode, scratch.getLong(at + 40), scratch.getLong(at + 32), device,
            scratch.getInt(at + 16), scratch.getInt(at + 20), scratch.getInt(at + 24), scratch.getLong(at + 112),
            scratch.getInt(at + 120), scratch.getLong(at + 96), scratch.getInt(at + 104)));
    }

    /** After a failure: true to try again, false when it would block. */
    private static boolean retry(String function, int fd) {
        int errno = Scratch.errno();
        if (errno == Errno.EINTR) {
            return true;
        }
        if (errno == Errno.EAGAIN) {
            return false;
        }
        throw new PosixException(function + "(" + fd + ")", errno);
    }

    private static void check(MemorySegment buffer, long offset, long length) {
        if (!buffer.isNative()) {
            throw new IllegalArgumentException("buffer is not native memory");
        }
        Objects.checkFromIndexSize(offset, length, buffer.byteSize());
    }
}

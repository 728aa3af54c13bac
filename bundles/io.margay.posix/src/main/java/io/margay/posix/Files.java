// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/** Files and file-like memory. Descriptors made here are close-on-exec. Paths are UTF-8 and hold no NUL. */
public final class Files {
    /** Flags of {@link #open}. */
    public static final int O_RDONLY = 0;
    /** Write only. */
    public static final int O_WRONLY = 1;
    /** Read and write. */
    public static final int O_RDWR = 2;
    /** Create when missing. */
    public static final int O_CREAT = 0x40;
    /** Fail when it exists. */
    public static final int O_EXCL = 0x80;
    /** Cut to length 0. */
    public static final int O_TRUNC = 0x200;
    /** Each write goes to the end. */
    public static final int O_APPEND = 0x400;
    /** Do not block. */
    public static final int O_NONBLOCK = 0x800;
    /** Only a reference to the path, no access to the content. */
    public static final int O_PATH = 0x20_0000;
    /** Fail when it is no directory. */
    public static final int O_DIRECTORY = Arch.ARM ? 0x4000 : 0x1_0000;
    /** Fail when the last component is a symbolic link. */
    public static final int O_NOFOLLOW = Arch.ARM ? 0x8000 : 0x2_0000;
    /** Directory number that stands for the working directory. */
    public static final int AT_FDCWD = -100;
    /** Limits of {@link #openAt2}: stay on the mount. */
    public static final int RESOLVE_NO_XDEV = 1;
    /** Follow no magic links of /proc. */
    public static final int RESOLVE_NO_MAGICLINKS = 2;
    /** Follow no symbolic links. */
    public static final int RESOLVE_NO_SYMLINKS = 4;
    /** Stay below the directory. */
    public static final int RESOLVE_BENEATH = 8;
    /** Take the directory as root. */
    public static final int RESOLVE_IN_ROOT = 0x10;
    /** Seals of {@link #seal}: no more seals. */
    public static final int F_SEAL_SEAL = 1;
    /** The size cannot shrink. */
    public static final int F_SEAL_SHRINK = 2;
    /** The size cannot grow. */
    public static final int F_SEAL_GROW = 4;
    /** The content cannot change. */
    public static final int F_SEAL_WRITE = 8;
    /** All that make a memfd immutable. */
    public static final int SEAL_ALL = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    /** Flag of {@link #memfd}: seals are allowed. */
    public static final int MFD_ALLOW_SEALING = 2;
    /** Characters of the name of memory, at most 4 bytes each; the kernel takes 249 bytes. */
    private static final int MAX_MEMORY_NAME = 60;
    private static final int COPIED = 65_536;

    static final int O_CLOEXEC = 0x8_0000;

    private static final int MFD_CLOEXEC = 1;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_GET_SEALS = 1034;
    private static final int SYS_OPENAT2 = 437;
    private static final int OPEN_HOW_SIZE = 24;

    private static final NativeCall OPENAT = NativeCall.of("openat");
    private static final NativeCall OPENAT2 = NativeCall.of("syscall");
    private static final NativeCall FSYNC = NativeCall.of("fsync");
    private static final NativeCall RENAME = NativeCall.of("rename");
    private static final NativeCall UNLINK = NativeCall.of("unlink");
    private static final NativeCall MKDIR = NativeCall.of("mkdir");
    private static final NativeCall RMDIR = NativeCall.of("rmdir");
    private static final NativeCall CHMOD = NativeCall.of("chmod");
    private static final NativeCall FCHMOD = NativeCall.of("fchmod");
    private static final NativeCall CHOWN = NativeCall.of("chown");
    private static final NativeCall FCHOWN = NativeCall.of("fchown");
    private static final NativeCall FTRUNCATE = NativeCall.of("ftruncate");
    private static final NativeCall LSEEK = NativeCall.of("lseek");
    private static final NativeCall MEMFD_CREATE = NativeCall.of("memfd_create");

    private Files() {
    }

    /** Opens a file. */
    public static Fd open(String path, int flags, int mode) {
        return openAt(AT_FDCWD, path, flags, mode);
    }

    /** Opens a file relative to a directory. */
    public static Fd openAt(int directory, String path, int flags, int mode) {
        Scratch scratch = Scratch.current();
        long name = scratch.path(path, 0);
        while (true) {
            int fd = OPENAT.call(directory, name, flags | O_CLOEXEC, mode);
            if (fd >= 0) {
                return Fd.own(fd);
            }
            if (Scratch.errno() != Errno.EINTR) {
                throw PosixException.last("open", path);
            }
        }
    }

    /**
     * openat2: opens a file within limits on how its path is resolved.
     *
     * @param path bytes as they are in the file system
     * @param resolve {@code RESOLVE_*}
     * @return a descriptor that the caller owns, or the negative errno ({@code -ENOENT} and so on)
     */
    public static int openAt2(int directory, byte[] path, int flags, int mode, int resolve) {
        Scratch scratch = Scratch.current();
        scratch.putLong(Scratch.VALUE, Integer.toUnsignedLong(flags | O_CLOEXEC));
        scratch.putLong(Scratch.VALUE + 8, mode);
        scratch.putLong(Scratch.VALUE + 16, resolve);
        long name;
        try {
            name = scratch.path(path, 0);
        } catch (PosixException refused) {
            return -refused.errno();
        }
        while (true) {
            int fd = (int) OPENAT2.callLong(SYS_OPENAT2, directory, name, scratch.address(Scratch.VALUE),
                OPEN_HOW_SIZE);
            if (fd >= 0) {
                return fd;
            }
            if (Scratch.errno() != Errno.EINTR) {
                return -Scratch.errno();
            }
        }
    }

    /** Reads into native memory; 0 at the end of the file, {@code -EAGAIN} when it would block. */
    public static int read(int fd, MemorySegment buffer, long offset, long length) {
        return Transfer.read(fd, buffer, offset, length);
    }

    /** Reads at a position of the file. */
    public static int pread(int fd, MemorySegment buffer, long offset, long length, long position) {
        return Transfer.pread(fd, buffer, offset, length, position);
    }

    /** Writes from native memory; returns the bytes taken or {@code -EAGAIN} when it would block. */
    public static int write(int fd, MemorySegment buffer, long offset, long length) {
        return Transfer.write(fd, buffer, offset, length);
    }

    /**
     * Sends a part of a file to a socket without a copy; returns the bytes taken, 0 at the end of the file, or
     * {@code -EAGAIN} when the socket would block.
     */
    public static long send(int socket, int file, long position, long most) {
        return Transfer.send(socket, file, position, most);
    }

    /** Writes all bytes to a blocking descriptor. */
    public static void writeAll(int fd, byte[] bytes) {
        Transfer.writeAll(fd, bytes);
    }

    /**
     * Reads a blocking descriptor to its end.
     *
     * @throws PosixException EFBIG when there are more than {@code limit} bytes
     */
    public static byte[] readAll(int fd, int limit) {
        return Transfer.readAll(fd, limit);
    }

    /** Waits until the content has reached the disk; for directories, their entries. */
    public static void fsync(Fd file) {
        check(FSYNC.call(file.number()), "fsync(" + file.number() + ")");
    }

    /** Renames, replacing the target. */
    public static void rename(String from, String to) {
        Scratch scratch = Scratch.current();
        check(RENAME.call(scratch.path(from, 0), scratch.path(to, 1)), "rename(\"" + from + "\", \"" + to + "\")");
    }

    /** Removes a file or link. */
    public static void unlink(String path) {
        check(UNLINK.call(Scratch.current().path(path, 0)), quoted("unlink", path));
    }

    /** Makes a directory. */
    public static void mkdir(String path, int mode) {
        check(MKDIR.call(Scratch.current().path(path, 0), mode), quoted("mkdir", path));
    }

    /** Removes an empty directory. */
    public static void rmdir(String path) {
        check(RMDIR.call(Scratch.current().path(path, 0)), quoted("rmdir", path));
    }

    /** Sets the permission bits. */
    public static void chmod(String path, int mode) {
        check(CHMOD.call(Scratch.current().path(path, 0), mode), quoted("chmod", path));
    }

    /** Sets the permission bits of an open file. */
    public static void fchmod(Fd file, int mode) {
        check(FCHMOD.call(file.number(), mode), "fchmod(" + file.number() + ")");
    }

    /** Sets owner and group; -1 leaves one as it is. */
    public static void chown(String path, int uid, int gid) {
        check(CHOWN.call(Scratch.current().path(path, 0), uid, gid), quoted("chown", path));
    }

    /** Sets owner and group of an open file. */
    public static void fchown(Fd file, int uid, int gid) {
        check(FCHOWN.call(file.number(), uid, gid), "fchown(" + file.number() + ")");
    }

    /** Sets the size. */
    public static void ftruncate(Fd file, long size) {
        check(FTRUNCATE.call(file.number(), size), "ftruncate(" + file.number() + ", " + size + ")");
    }

    /** Status of an open file. */
    public static FileStatus status(int fd) {
        return Transfer.status(fd, "", Transfer.EMPTY_PATH)
            .orElseThrow(() -> new PosixException("statx(" + fd + ")", Errno.ENOENT));
    }

    /** Status of a file, links followed; empty when there is none (ENOENT, ENOTDIR). */
    public static Optional<FileStatus> status(String path) {
        return Transfer.status(AT_FDCWD, path, 0);
    }

    /** Like {@link #status(String)}, with the bytes of the path as they are in the file system. */
    public static Optional<FileStatus> status(byte[] path) {
        return Transfer.status(AT_FDCWD, path, 0);
    }

    /** Status of a file or link itself; empty when there is none. */
    public static Optional<FileStatus> linkStatus(String path) {
        return Transfer.status(AT_FDCWD, path, Transfer.NO_FOLLOW);
    }

    /**
     * Anonymous memory as a file.
     *
     * @param name for people, cut behind {@value #MAX_MEMORY_NAME} characters
     * @param flags may be {@link #MFD_ALLOW_SEALING}
     */
    public static Fd memfd(String name, int flags) {
        String shown = name.codePointCount(0, name.length()) <= MAX_MEMORY_NAME ? name
            : name.substring(0, name.offsetByCodePoints(0, MAX_MEMORY_NAME));
        int fd = MEMFD_CREATE.call(Scratch.current().path(shown, 0), flags | MFD_CLOEXEC);
        check(fd, quoted("memfd_create", shown));
        return Fd.own(fd);
    }

    /** A sealed memfd with this content: its receiver can rely on size and bytes. */
    public static Fd sealedMemory(String name, byte[] content) {
        Fd memory = memfd(name, MFD_ALLOW_SEALING);
        try {
            writeAll(memory.number(), content);
            // Whoever inherits it may be a program that only reads on.
            check((int) LSEEK.callLong(memory.number(), 0, 0), "lseek(" + memory.number() + ")");
            seal(memory, SEAL_ALL);
            return memory;
        } catch (PosixException failure) {
            memory.close();
            throw failure;
        }
    }

    /**
     * A sealed memfd with what a stream holds, which is nowhere in memory as a whole.
     *
     * @param most bytes that it may have
     * @throws IOException when the stream cannot be read, or holds more
     */
    public static Fd sealedMemory(String name, InputStream content, long most) throws IOException {
        Fd memory = memfd(name, MFD_ALLOW_SEALING);
        try {
            byte[] part = new byte[COPIED];
            long size = 0;
            for (int count; (count = content.readNBytes(part, 0, COPIED)) > 0;) {
                size += count;
                if (size > most) {
                    throw new IOException("it is larger than " + most + " bytes");
                }
                writeAll(memory.number(), count == COPIED ? part : Arrays.copyOf(part, count));
            }
            check((int) LSEEK.callLong(memory.number(), 0, 0), "lseek(" + memory.number() + ")");
            seal(memory, SEAL_ALL);
            return memory;
        } catch (RuntimeException | Error | IOException failure) {
            memory.close();
            throw failure;
        }
    }

    /** Adds seals to a memfd. */
    public static void seal(Fd memory, int seals) {
        Descriptors.fcntl(memory.number(), F_ADD_SEALS, seals);
    }

    /** Seals of a memfd. */
    public static int seals(int fd) {
        return Descriptors.fcntl(fd, F_GET_SEALS, 0);
    }

    /**
     * Maps a file, shared. Access beyond the file's end faults: check {@link #F_SEAL_SHRINK} of what others made.
     *
     * @return memory that must not be touched after {@link #unmap}
     */
    public static MemorySegment map(int fd, long size, boolean writable) {
        return Transfer.map(fd, size, writable);
    }

    /** Unmaps what {@link #map} returned. */
    public static void unmap(MemorySegment mapping) {
        Transfer.unmap(mapping);
    }

    private static String quoted(String function, String path) {
        return function + "(\"" + path + "\")";
    }

    private static void check(int result, String call) {
        if (result < 0) {
            throw PosixException.last(call);
        }
    }

    static final class Arch {
        static final boolean ARM = "aarch64".equals(System.getProperty("os.arch"));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.util.Arrays;

/** Calls on descriptors of any kind. */
public final class Descriptors {
    /** Event of {@link #poll}: readable. */
    public static final int POLLIN = 0x1;
    /** Event of {@link #poll}: writable. */
    public static final int POLLOUT = 0x4;
    /** Event that {@link #poll} reports unasked: error. */
    public static final int POLLERR = 0x8;
    /** Event that {@link #poll} reports unasked: the peer hung up. */
    public static final int POLLHUP = 0x10;

    private static final int F_GETFD = 1;
    private static final int F_SETFD = 2;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int FD_CLOEXEC = 1;
    private static final int FIONREAD = 0x541B;
    private static final int SIOCOUTQ = 0x5411;
    private static final long NANOS = 1_000_000L;

    private static final int O_CLOEXEC = 02000000;
    private static final NativeCall PIPE2 = NativeCall.of("pipe2");
    private static final NativeCall CLOSE = NativeCall.of("close");
    private static final NativeCall DUP2 = NativeCall.of("dup2");
    private static final NativeCall FCNTL = NativeCall.of("fcntl");
    private static final NativeCall IOCTL = NativeCall.of("ioctl");
    private static final NativeCall POLL = NativeCall.of("poll");

    private Descriptors() {
    }

    /** Closes a descriptor by number; errors are dropped, since the number is free in any case. */
    public static void close(int fd) {
        CLOSE.call(fd);
    }

    /** Closes several. */
    public static void close(int[] fds) {
        for (int fd : fds) {
            close(fd);
        }
    }

    /** A close-on-exec duplicate whose number is at least {@code minimum}. */
    public static Fd duplicate(int fd, int minimum) {
        return Fd.own(fcntl(fd, F_DUPFD_CLOEXEC, minimum));
    }

    /** Makes {@code target} refer to the file of {@code fd}; it is inherited across exec unless both are equal. */
    public static void duplicateTo(int fd, int target) {
        while (DUP2.call(fd, target) < 0) {
            if (Scratch.errno() != Errno.EINTR && Scratch.errno() != Errno.EBUSY) {
                throw PosixException.last("dup2(" + fd + ", " + target + ")");
            }
        }
    }

    /** Sets or clears non-blocking mode of the open file, which all duplicates share. */
    public static void nonBlocking(int fd, boolean on) {
        int flags = statusFlags(fd);
        int wanted = on ? flags | Files.O_NONBLOCK : flags & ~Files.O_NONBLOCK;
        if (wanted != flags) {
            fcntl(fd, F_SETFL, wanted);
        }
    }

    /** Access mode and status flags of the open file, {@code O_*} of {@link Files}. */
    public static int statusFlags(int fd) {
        return fcntl(fd, F_GETFL, 0);
    }

    /** Sets whether exec closes the descriptor. */
    public static void closeOnExec(int fd, boolean on) {
        fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0);
    }

    /** Whether exec closes the descriptor. */
    public static boolean closeOnExec(int fd) {
        return (fcntl(fd, F_GETFD, 0) & FD_CLOEXEC) != 0;
    }

    /** Whether the number is an open descriptor of this process. */
    public static boolean isOpen(int fd) {
        return FCNTL.call(fd, F_GETFD, 0) >= 0;
    }

    /** Bytes that can be read at once. */
    public static int readable(int fd) {
        return ioctl(fd, FIONREAD, "FIONREAD");
    }

    /** Bytes sent that the peer has not received yet. */
    public static int unsent(int fd) {
        return ioctl(fd, SIOCOUTQ, "SIOCOUTQ");
    }

    /**
     * Waits for one descriptor; for start-up and tools, event loops do not block here.
     *
     * @param events {@link #POLLIN} and {@link #POLLOUT}
     * @param millis the longest wait
     * @return the events that hold; 0 when the time is over
     */
    public static int poll(int fd, int events, int millis) {
        long deadline = System.nanoTime() + millis * NANOS;
        int left = millis;
        while (true) {
            Scratch scratch = Scratch.current();
            scratch.putInt(Scratch.VALUE, fd);
            scratch.putInt(Scratch.VALUE + 4, events);
            int count = POLL.call(scratch.address(Scratch.VALUE), 1, left);
            if (count >= 0) {
                return count == 0 ? 0 : scratch.getInt(Scratch.VALUE + 4) >>> 16;
            }
            if (Scratch.errno() != Errno.EINTR) {
                throw PosixException.last("poll", fd);
            }
            left = (int) Math.max(0, (deadline - System.nanoTime()) / NANOS);
        }
    }

    /** The numbers of all open descriptors of this process, ascending. */
    public static int[] open() {
        String[] names = new java.io.File("/proc/self/fd").list();
        if (names == null) {
            throw new PosixException("open(\"/proc/self/fd\")", Errno.ENOENT);
        }
        // The descriptor that listed the directory is closed by now.
        return Arrays.stream(names).mapToInt(Integer::parseInt).filter(Descriptors::isOpen).sorted().toArray();
    }

    static int fcntl(int fd, int command, long argument) {
        int result = FCNTL.call(fd, command, argument);
        if (result < 0) {
            throw PosixException.last("fcntl(" + fd + ", " + command + ")");
        }
        return result;
    }

    private static int ioctl(int fd, int request, String name) {
        Scratch scratch = Scratch.current();
        scratch.putInt(Scratch.VALUE, 0);
        if (IOCTL.call(fd, request, scratch.address(Scratch.VALUE)) < 0) {
            throw PosixException.last("ioctl(" + fd + ", " + name + ")");
        }
        return scratch.getInt(Scratch.VALUE);
    }

    /** A pipe: the end to read from, which does not block, and the end to write to. */
    public static Fd[] pipe() {
        Scratch scratch = Scratch.current();
        if (PIPE2.call(scratch.address(Scratch.VALUE), O_CLOEXEC) < 0) {
            throw PosixException.last("pipe2()");
        }
        Fd[] ends = {Fd.own(scratch.getInt(Scratch.VALUE)), Fd.own(scratch.getInt(Scratch.VALUE + Integer.BYTES))};
        nonBlocking(ends[0].number(), true);
        return ends;
    }
}

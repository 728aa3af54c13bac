// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.util.OptionalInt;

/**
 * Signals as data. The JVM is started with the signals blocked (its threads inherit that), so they wait for a
 * signalfd instead of ending it.
 */
public final class Signals {
    /** Terminal closed. */
    public static final int SIGHUP = 1;
    /** Interrupted from the keyboard. */
    public static final int SIGINT = 2;
    /** Quit, gracefully here. */
    public static final int SIGQUIT = 3;
    /** Abort. */
    public static final int SIGABRT = 6;
    /** Cannot be caught. */
    public static final int SIGKILL = 9;
    /** User-defined: log rotation. */
    public static final int SIGUSR1 = 10;
    /** Invalid memory access. */
    public static final int SIGSEGV = 11;
    /** User-defined. HotSpot unblocks it in every thread for its own use: it never arrives by a signalfd. */
    public static final int SIGUSR2 = 12;
    /** Write without a reader. */
    public static final int SIGPIPE = 13;
    /** Alarm clock. */
    public static final int SIGALRM = 14;
    /** Termination. */
    public static final int SIGTERM = 15;
    /** A child changed its state. */
    public static final int SIGCHLD = 17;
    /** Continue. */
    public static final int SIGCONT = 18;
    /** Cannot be caught. */
    public static final int SIGSTOP = 19;
    /** Bad system call. */
    public static final int SIGSYS = 31;
    /** The first real-time signal that glibc leaves free. */
    public static final int SIGRTMIN = 34;

    private static final String[] NAMES = {"", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL",
        "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU",
        "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS"};
    private static final int SIG_BLOCK = 0;
    private static final int SIG_UNBLOCK = 1;
    private static final int SET_SIZE = 128;
    private static final int HIGHEST = 64;
    private static final int SFD_FLAGS = 0x80800;
    private static final int INFO_SIZE = 128;
    private static final NativeCall SIGNALFD = NativeCall.of("signalfd");
    private static final NativeCall RAISE = NativeCall.of("raise");
    private static final NativeCall MASK = NativeCall.of("pthread_sigmask");

    private Signals() {
    }

    /** {@code SIGTERM} for 15; {@code SIG64} for those without a name. */
    public static String name(int signal) {
        return "SIG" + (signal > 0 && signal < NAMES.length ? NAMES[signal] : String.valueOf(signal));
    }

    /** A non-blocking descriptor that becomes readable for these signals; each must be blocked in all threads. */
    public static Fd signalFd(int... signals) {
        Scratch scratch = Scratch.current();
        putSet(scratch, signals);
        int fd = SIGNALFD.call(-1, scratch.address(Scratch.STRUCT), SFD_FLAGS);
        if (fd < 0) {
            throw PosixException.last("signalfd()");
        }
        return Fd.own(fd);
    }

    /** The next pending signal of a signalfd; empty when there is none. */
    public static OptionalInt read(Fd signalFd) {
        Scratch scratch = Scratch.current();
        int count = Files.read(signalFd.number(), scratch.memory, Scratch.STRUCT, INFO_SIZE);
        return count < INFO_SIZE ? OptionalInt.empty() : OptionalInt.of(scratch.getInt(Scratch.STRUCT));
    }

    /** Blocks signals in the calling thread; threads that it starts later inherit that. */
    public static void block(int... signals) {
        change(SIG_BLOCK, signals);
    }

    /** Unblocks signals in the calling thread. */
    public static void unblock(int... signals) {
        change(SIG_UNBLOCK, signals);
    }

    /** The blocked signals of the calling thread, ascending. */
    public static int[] blocked() {
        Scratch scratch = Scratch.current();
        scratch.clear(Scratch.STRUCT, SET_SIZE);
        check(MASK.call(SIG_BLOCK, 0, scratch.address(Scratch.STRUCT)));
        return list(scratch.getLong(Scratch.STRUCT));
    }

    /** Sends a signal to the calling thread. */
    public static void raise(int signal) {
        if (RAISE.call(signal) != 0) {
            throw PosixException.last("raise", signal);
        }
    }

    /** A set of signals as bits: bit 0 is signal 1. */
    static long bits(int... signals) {
        long bits = 0;
        for (int signal : signals) {
            if (signal < 1 || signal > HIGHEST) {
                throw new IllegalArgumentException("no signal: " + signal);
            }
            bits |= 1L << signal - 1;
        }
        return bits;
    }

    /** The opposite of {@link #bits}, ascending. */
    static int[] list(long bits) {
        int[] signals = new int[Long.bitCount(bits)];
        int count = 0;
        for (int signal = 1; signal <= HIGHEST; signal++) {
            if ((bits & 1L << signal - 1) != 0) {
                signals[count++] = signal;
            }
        }
        return signals;
    }

    private static void putSet(Scratch scratch, int... signals) {
        scratch.clear(Scratch.STRUCT, SET_SIZE);
        scratch.putLong(Scratch.STRUCT, bits(signals));
    }

    private static void change(int how, int... signals) {
        Scratch scratch = Scratch.current();
        putSet(scratch, signals);
        check(MASK.call(how, scratch.address(Scratch.STRUCT), 0));
    }

    /** The pthread functions return the error. */
    private static void check(int error) {
        if (error != 0) {
            throw new PosixException("pthread_sigmask()", error);
        }
    }
}

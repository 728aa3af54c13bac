// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.util.Optional;

/** This process, its children and their limits. */
public final class Processes {
    /** Resources of {@link #limit}: size of a core file. */
    public static final int RLIMIT_CORE = 4;
    /** Processes of the user. */
    public static final int RLIMIT_NPROC = 6;
    /** Open descriptors. */
    public static final int RLIMIT_NOFILE = 7;
    /** Bytes of address space. */
    public static final int RLIMIT_AS = 9;
    /** A limit that is none. */
    public static final long UNLIMITED = -1L;

    private static final int WNOHANG = 1;
    private static final int SYS_PIDFD_OPEN = 434;
    private static final int PR_SET_PDEATHSIG = 1;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_GET_NO_NEW_PRIVS = 39;
    private static final NativeCall GETPID = NativeCall.of("getpid");
    private static final NativeCall GETTID = NativeCall.of("gettid");
    private static final NativeCall WAITPID = NativeCall.of("waitpid");
    private static final NativeCall KILL = NativeCall.of("kill");
    private static final NativeCall SYSCALL = NativeCall.of("syscall");
    private static final NativeCall PRCTL = NativeCall.of("prctl");
    private static final NativeCall UMASK = NativeCall.of("umask");
    private static final NativeCall SETSID = NativeCall.of("setsid");
    private static final NativeCall PRLIMIT = NativeCall.of("prlimit");

    private Processes() {
    }

    /** A soft and a hard limit; {@link #UNLIMITED} for none. */
    public record Limit(long soft, long hard) {
    }

    /** The id of this process. */
    public static int pid() {
        return GETPID.call();
    }

    /** The kernel's id of the calling thread. */
    public static int threadId() {
        return GETTID.call();
    }

    /** Starts a process; returns its id. The caller must reap it by {@link #wait(int)}. */
    public static int spawn(SpawnSpec spec) {
        return Spawner.spawn(spec);
    }

    /**
     * Reaps one child that has ended; never waits.
     *
     * @param pid a single child: waiting for any would steal the children of others in this JVM
     * @return empty while it runs
     * @throws PosixException ECHILD when there is no such child
     */
    public static Optional<Exit> wait(int pid) {
        return waitpid(pid, WNOHANG);
    }

    /** Reaps one child, waiting for its end; for start-up and tools. */
    public static Exit waitFor(int pid) {
        return waitpid(pid, 0).orElseThrow(() -> new IllegalStateException("waitpid returned without a child"));
    }

    /** Sends a signal; 0 only tests. A negative pid means a process group, as in C. */
    public static void kill(int pid, int signal) {
        if (KILL.call(pid, signal) < 0) {
            throw PosixException.last("kill(" + pid + ", " + signal + ")");
        }
    }

    /** A descriptor that becomes readable when the process ends, child or not. */
    public static Fd pidfdOpen(int pid) {
        long fd = SYSCALL.callLong(SYS_PIDFD_OPEN, pid, 0);
        if (fd < 0) {
            throw PosixException.last("pidfd_open(" + pid + ")");
        }
        return Fd.own((int) fd);
    }

    /** Forbids the calling thread, and what it starts, to gain privileges by exec; the other threads keep them. */
    public static void noNewPrivileges() {
        prctl(PR_SET_NO_NEW_PRIVS, 1, "PR_SET_NO_NEW_PRIVS");
    }

    /** Whether the calling thread can gain no privileges by exec. */
    public static boolean hasNoNewPrivileges() {
        return prctl(PR_GET_NO_NEW_PRIVS, 0, "PR_GET_NO_NEW_PRIVS") == 1;
    }

    /**
     * Sets what the process is sent when the thread of its parent that started it ends, whatever it is doing. That is
     * forgotten when it changes its credentials, and when the calling thread ends.
     *
     * @param signal its number, 0 for none
     */
    public static void deathSignal(int signal) {
        prctl(PR_SET_PDEATHSIG, signal, "PR_SET_PDEATHSIG");
    }

    /** Whether the process can be traced and dumped; a change of credentials clears it. */
    public static void dumpable(boolean on) {
        prctl(PR_SET_DUMPABLE, on ? 1 : 0, "PR_SET_DUMPABLE");
    }

    /** Sets the mode bits that new files do not get; returns the former ones. */
    public static int umask(int mask) {
        return UMASK.call(mask);
    }

    /** Makes this process the leader of a new session. */
    public static void setsid() {
        if (SETSID.call() < 0) {
            throw PosixException.last("setsid()");
        }
    }

    /** Sets what {@code ps} shows: command line and name. A title longer than the original arguments is cut. */
    public static void title(String title) {
        Title.set(title);
    }

    /** A limit of this process. */
    public static Limit limit(int resource) {
        Scratch scratch = Scratch.current();
        if (PRLIMIT.call(0, resource, 0, scratch.address(Scratch.VALUE)) < 0) {
            throw PosixException.last("prlimit(" + resource + ")");
        }
        return new Limit(scratch.getLong(Scratch.VALUE), scratch.getLong(Scratch.VALUE + 8));
    }

    /** Sets a limit of this process. */
    public static void limit(int resource, Limit limit) {
        Scratch scratch = Scratch.current();
        scratch.putLong(Scratch.VALUE, limit.soft());
        scratch.putLong(Scratch.VALUE + 8, limit.hard());
        if (PRLIMIT.call(0, resource, scratch.address(Scratch.VALUE), 0) < 0) {
            throw PosixException.last("prlimit(" + resource + ", " + limit.soft() + ", " + limit.hard() + ")");
        }
    }

    /** Numbers of all open descriptors of this process. */
    public static int[] openDescriptors() {
        return Descriptors.open();
    }

    private static Optional<Exit> waitpid(int pid, int options) {
        if (pid <= 0) {
            throw new IllegalArgumentException("waitpid for one child only, not " + pid);
        }
        Scratch scratch = Scratch.current();
        while (true) {
            int found = WAITPID.call(pid, scratch.address(Scratch.VALUE), options);
            if (found > 0) {
                return Optional.of(Exit.of(found, scratch.getInt(Scratch.VALUE)));
            }
            if (found == 0) {
                return Optional.empty();
            }
            if (Scratch.errno() != Errno.EINTR) {
                throw PosixException.last("waitpid", pid);
            }
        }
    }

    private static int prctl(int option, long argument, String name) {
        int result = PRCTL.call(option, argument, 0, 0, 0);
        if (result < 0) {
            throw PosixException.last("prctl(" + name + ")");
        }
        return result;
    }
}

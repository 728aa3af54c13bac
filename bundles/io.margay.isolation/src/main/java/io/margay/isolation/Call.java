// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.util.Locale;

/** The system calls that a table may contain, with their numbers on x86-64 and aarch64. */
enum Call {
    WRITE(1, 64),
    CLOSE(3, 57),
    RT_SIGACTION(13, 134),
    RT_SIGPROCMASK(14, 135),
    SENDTO(44, 206),
    RECVFROM(45, 207),
    CLONE(56, 220),
    EXECVE(59, 221),
    FCNTL(72, 25),
    CHDIR(80, 49),
    FCHDIR(81, 50),
    UMASK(95, 166),
    SETUID(105, 146),
    SETGID(106, 144),
    SETGROUPS(116, 159),
    CAPSET(126, 91),
    PIVOT_ROOT(155, 41),
    PRCTL(157, 167),
    CHROOT(161, 51),
    MOUNT(165, 40),
    UMOUNT2(166, 39),
    EXIT_GROUP(231, 94),
    OPENAT(257, 56),
    MKDIRAT(258, 34),
    PPOLL(271, 73),
    UNSHARE(272, 97),
    DUP3(292, 24),
    PRLIMIT64(302, 261),
    SETNS(308, 268),
    SECCOMP(317, 277),
    OPEN_TREE(428, 428),
    MOVE_MOUNT(429, 429),
    OPENAT2(437, 437),
    /** No system call: the 32-bit word at the first argument, masked by the second. */
    LOOK(-1, -1);

    private final int x86;
    private final int arm;

    Call(int x86, int arm) {
        this.x86 = x86;
        this.arm = arm;
    }

    int number(Architecture architecture) {
        return architecture == Architecture.X86_64 ? x86 : arm;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

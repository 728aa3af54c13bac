// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

/** Numbers of the kernel interface that are the same on every architecture served. */
final class Kernel {

    static final int AT_FDCWD = -100;
    static final int O_WRONLY = 1;
    static final int O_CREAT = 0x40;
    static final int O_EXCL = 0x80;
    static final int O_NOCTTY = 0x100;
    static final int O_APPEND = 0x400;
    static final int O_CLOEXEC = 0x80000;
    static final int O_PATH = 0x200000;

    static final int MS_BIND = 0x1000;
    static final int MS_REC = 0x4000;
    static final int MS_PRIVATE = 0x40000;
    static final int MS_SLAVE = 0x80000;
    static final int MNT_DETACH = 2;
    static final int OPEN_TREE_CLONE = 1;
    static final int MOVE_MOUNT_EMPTY_PATHS = 0x44;

    static final int RESOLVE_NO_MAGICLINKS = 0x02;
    static final int RESOLVE_IN_ROOT = 0x10;

    static final int CLONE_PARENT = 0x8000;
    static final int SIGCHLD = 17;
    static final int SIG_SETMASK = 2;
    static final int SIG_IGN = 1;

    static final int F_SETFD = 2;
    static final int FD_CLOEXEC = 1;

    static final int MSG_NOSIGNAL = 0x4000;
    static final short POLLIN = 1;
    static final short POLLOUT = 4;

    static final int PR_SET_PDEATHSIG = 1;
    static final int PR_SET_DUMPABLE = 4;
    static final int PR_SET_NAME = 15;
    static final int PR_SET_NO_NEW_PRIVS = 38;
    static final int SECCOMP_SET_MODE_FILTER = 1;
    static final int CAPABILITY_VERSION_3 = 0x20080522;

    static final int EAGAIN = 11;
    static final int EEXIST = 17;
    static final int EINVAL = 22;

    private Kernel() {
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Objects;

/** sendmsg and recvmsg with descriptors and credentials. */
final class SocketMessages {
    static final int WOULD_BLOCK = -Errno.EAGAIN;

    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int SCM_CREDENTIALS = 2;
    private static final int MSG_CTRUNC = 0x8;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
    private static final int CMSG_HEADER = 16;
    private static final int CREDENTIALS_SIZE = CMSG_HEADER + 12;

    private static final NativeCall SENDMSG = NativeCall.of("sendmsg");
    private static final NativeCall RECVMSG = NativeCall.of("recvmsg");

    // Offsets in struct msghdr of a 64-bit Linux.
    private static final int NAME = Scratch.HEADER;
    private static final int NAME_LENGTH = Scratch.HEADER + 8;
    private static final int IOV = Scratch.HEADER + 16;
    private static final int IOV_COUNT = Scratch.HEADER + 24;
    private static final int CONTROL = Scratch.HEADER + 32;
    private static final int CONTROL_LENGTH = Scratch.HEADER + 40;
    private static final int FLAGS = Scratch.HEADER + 48;

    private SocketMessages() {
    }

    static int send(int fd, MemorySegment head, long headLength, MemorySegment body, long offset, long length,
        int[] fds) {
        checkRange(head, 0, headLength);
        checkRange(body, offset, length);
        try {
            return send(fd, head.address(), headLength, body.address() + offset, length, fds);
        } finally {
            Reference.reachabilityFence(head);
            Reference.reachabilityFence(body);
        }
    }

    static int send(int fd, long head, long headLength, long body, long length, int[] fds) {
        if (fds.length > Sockets.MAX_FDS) {
            throw new IllegalArgumentException(fds.length + " descriptors in one message");
        }
        Scratch scratch = Scratch.current();
        int vectors = vectors(scratch, head, headLength, body, length);
        header(scratch, vectors, putFds(scratch, fds));
        while (true) {
            int sent = (int) SENDMSG.callLong(scratch, fd, scratch.address(Scratch.HEADER),
                MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent >= 0) {
                return sent;
            }
            int errno = Scratch.errno();
            if (errno == Errno.EAGAIN || errno == Errno.ENOBUFS) {
                return WOULD_BLOCK;
            }
            if (errno != Errno.EINTR) {
                throw new PosixException("sendmsg(" + fd + ")", errno);
            }
        }
    }

    private static int vectors(Scratch scratch, long head, long headLength, long body, long length) {
        int count = 0;
        int at = Scratch.VECTORS;
        if (headLength > 0) {
            scratch.putLong(at, head);
            scratch.putLong(at + 8, headLength);
            at += 16;
            count++;
        }
        if (length > 0 || count == 0) {
            scratch.putLong(at, body);
            scratch.putLong(at + 8, length);
            count++;
        }
        return count;
    }

    private static void header(Scratch scratch, int vectors, int controlLength) {
        scratch.putLong(NAME, 0);
        scratch.putLong(NAME_LENGTH, 0);
        scratch.putLong(IOV, scratch.address(Scratch.VECTORS));
        scratch.putLong(IOV_COUNT, vectors);
        scratch.putLong(CONTROL, controlLength == 0 ? 0 : scratch.address(Scratch.CONTROL));
        scratch.putLong(CONTROL_LENGTH, controlLength);
        scratch.putLong(FLAGS, 0);
    }

    private static int putFds(Scratch scratch, int[] fds) {
        if (fds.length == 0) {
            return 0;
        }
        scratch.putLong(Scratch.CONTROL, CMSG_HEADER + 4L * fds.length);
        scratch.putInt(Scratch.CONTROL + 8, SOL_SOCKET);
        scratch.putInt(Scratch.CONTROL + 12, SCM_RIGHTS);
        for (int i = 0; i < fds.length; i++) {
            scratch.putInt(Scratch.CONTROL + CMSG_HEADER + 4 * i, fds[i]);
        }
        return align(CMSG_HEADER + 4 * fds.length);
    }

    static Received receive(int fd, MemorySegment buffer, boolean wait) {
        checkRange(buffer, 0, buffer.byteSize());
        try {
            return receive(fd, buffer.address(), buffer.byteSize(), wait);
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    static Received receive(int fd, long address, long length, boolean wait) {
        Scratch scratch = Scratch.current();
        int flags = MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT);
        while (true) {
            header(scratch, vectors(scratch, 0, 0, address, length), Scratch.CONTROL_SIZE);
            int count = (int) RECVMSG.callLong(scratch, fd, scratch.address(Scratch.HEADER), flags);
            if (count >= 0) {
                return parse(scratch, count);
            }
            int errno = Scratch.errno();
            if (errno == Errno.EAGAIN) {
                return Received.NOTHING;
            }
            if (errno != Errno.EINTR) {
                throw new PosixException("recvmsg(" + fd + ")", errno);
            }
        }
    }

    private static Received parse(Scratch scratch, int count) {
        int pid = -1;
        int uid = -1;
        int gid = -1;
        int[] fds = Received.NO_FDS;
        int at = Scratch.CONTROL;
        int end = at + (int) Math.min(scratch.getLong(CONTROL_LENGTH), Scratch.CONTROL_SIZE);
        while (end - at >= CMSG_HEADER) {
            long size = scratch.getLong(at);
            if (size < CMSG_HEADER || size > end - at) {
                break;
            }
            if (scratch.getInt(at + 8) == SOL_SOCKET) {
                int type = scratch.getInt(at + 12);
                if (type == SCM_RIGHTS) {
                    fds = takeFds(scratch, at, (int) size, fds);
                } else if (type == SCM_CREDENTIALS && size == CREDENTIALS_SIZE) {
                    pid = scratch.getInt(at + CMSG_HEADER);
                    uid = scratch.getInt(at + CMSG_HEADER + 4);
                    gid = scratch.getInt(at + CMSG_HEADER + 8);
                }
            }
            at += align((int) size);
        }
        boolean truncated = (scratch.getInt(FLAGS) & (MSG_TRUNC | MSG_CTRUNC)) != 0;
        if (truncated) {
            // Half a message must not be acted on, and its descriptors have no other owner.
            Descriptors.close(fds);
            fds = Received.NO_FDS;
        }
        return new Received(count, pid, uid, gid, fds, truncated);
    }

    private static int[] takeFds(Scratch scratch, int at, int size, int[] before) {
        int[] fds = Arrays.copyOf(before, before.length + (size - CMSG_HEADER) / 4);
        for (int i = before.length; i < fds.length; i++) {
            fds[i] = scratch.getInt(at + CMSG_HEADER + 4 * (i - before.length));
        }
        return fds;
    }

    private static int align(int size) {
        return size + 7 & ~7;
    }

    private static void checkRange(MemorySegment buffer, long offset, long length) {
        if (!buffer.isNative()) {
            throw new IllegalArgumentException("buffer is not native memory");
        }
        Objects.checkFromIndexSize(offset, length, buffer.byteSize());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * Sockets. Those made here are close-on-exec. Methods that take a number instead of an {@link Fd} are for hot paths.
 */
public final class Sockets {
    /** Address families. */
    public static final int AF_UNIX = 1;
    /** IPv4. */
    public static final int AF_INET = 2;
    /** IPv6. */
    public static final int AF_INET6 = 10;
    /** Socket types. */
    public static final int SOCK_STREAM = 1;
    /** Datagrams without connection. */
    public static final int SOCK_DGRAM = 2;
    /** Datagrams in order over a connection. */
    public static final int SOCK_SEQPACKET = 5;
    /** Type flag: non-blocking from the start. */
    public static final int SOCK_NONBLOCK = 0x800;
    /** Option level of the socket itself. */
    public static final int SOL_SOCKET = 1;
    /** Option level of TCP. */
    public static final int IPPROTO_TCP = 6;
    /** Option level of IPv6. */
    public static final int IPPROTO_IPV6 = 41;
    /** Options of {@link #SOL_SOCKET}. */
    public static final int SO_REUSEADDR = 2;
    /** The socket's type, read only. */
    public static final int SO_TYPE = 3;
    /** The pending error, cleared by reading. */
    public static final int SO_ERROR = 4;
    /** Size of the send buffer. */
    public static final int SO_SNDBUF = 7;
    /** Size of the receive buffer. */
    public static final int SO_RCVBUF = 8;
    /** Several sockets may bind one port. */
    public static final int SO_REUSEPORT = 15;
    /** The kernel adds the sender's credentials to what is received. */
    public static final int SO_PASSCRED = 16;
    /** Whether the socket listens, read only. */
    public static final int SO_ACCEPTCONN = 30;
    /** The socket's family, read only. */
    public static final int SO_DOMAIN = 39;
    /** Option of {@link #IPPROTO_TCP}: no delay of small segments. */
    public static final int TCP_NODELAY = 1;
    /** Option of {@link #IPPROTO_TCP}: seconds to hold a connection back until its first data. */
    public static final int TCP_DEFER_ACCEPT = 9;
    /** Option of {@link #IPPROTO_IPV6}: no IPv4 by this socket. */
    public static final int IPV6_V6ONLY = 26;
    /** Directions of {@link #shutdown}. */
    public static final int SHUT_RD = 0;
    /** Nothing more is sent. */
    public static final int SHUT_WR = 1;
    /** Both directions. */
    public static final int SHUT_RDWR = 2;
    /** Most descriptors that the kernel takes in one message. */
    public static final int MAX_FDS = 253;
    /** What hot-path methods return when the call would block. */
    public static final int WOULD_BLOCK = SocketMessages.WOULD_BLOCK;

    private static final int SO_PEERCRED = 17;
    private static final int SO_PEERGROUPS = 59;
    /** The kernel's bound. */
    private static final int MAX_GROUPS = 65_536;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final NativeCall SOCKET = NativeCall.of("socket");
    private static final NativeCall SOCKETPAIR = NativeCall.of("socketpair");
    private static final NativeCall BIND = NativeCall.of("bind");
    private static final NativeCall LISTEN = NativeCall.of("listen");
    private static final NativeCall CONNECT = NativeCall.of("connect");
    private static final NativeCall ACCEPT4 = NativeCall.of("accept4");
    private static final NativeCall GETSOCKNAME = NativeCall.of("getsockname");
    private static final NativeCall GETSOCKOPT = NativeCall.of("getsockopt");
    private static final NativeCall SETSOCKOPT = NativeCall.of("setsockopt");
    private static final NativeCall SHUTDOWN = NativeCall.of("shutdown");

    private Sockets() {
    }

    /** The process at the other end of a unix socket when it connected or made the pair. */
    public record PeerCredential(int pid, int uid, int gid) {
    }

    /** A new socket; {@code type} may contain {@link #SOCK_NONBLOCK}. */
    public static Fd socket(int family, int type, int protocol) {
        int fd = SOCKET.call(family, type | SOCK_CLOEXEC, protocol);
        if (fd < 0) {
            throw PosixException.last("socket(" + family + ", " + type + ")");
        }
        return Fd.own(fd);
    }

    /** A connected pair of unix sockets of a type, which may contain {@link #SOCK_NONBLOCK}. */
    public static Fd[] pair(int type) {
        Scratch scratch = Scratch.current();
        if (SOCKETPAIR.call(AF_UNIX, type | SOCK_CLOEXEC, 0, scratch.address(Scratch.VALUE)) < 0) {
            throw PosixException.last("socketpair()");
        }
        return new Fd[] {Fd.own(scratch.getInt(Scratch.VALUE)), Fd.own(scratch.getInt(Scratch.VALUE + 4))};
    }

    /**
     * The pair of a port: SEQPACKET, blocking, with SO_PASSCRED on both ends. It is set before anything can be sent,
     * since a message sent earlier carries no credentials (spec/ports.md §2).
     */
    public static Fd[] seqpacketPair() {
        Fd[] pair = pair(SOCK_SEQPACKET);
        try {
            setOption(pair[0], SOL_SOCKET, SO_PASSCRED, 1);
            setOption(pair[1], SOL_SOCKET, SO_PASSCRED, 1);
        } catch (PosixException failure) {
            pair[0].close();
            pair[1].close();
            throw failure;
        }
        return pair;
    }

    /** Binds; the exception reads {@code bind("*:80") failed (98: Address already in use)}. */
    public static void bind(Fd socket, Address address) {
        Scratch scratch = Scratch.current();
        int length = address.encode(scratch.memory.asSlice(Scratch.ADDRESS, Address.MAX_SIZE));
        if (BIND.call(socket.number(), scratch.address(Scratch.ADDRESS), length) < 0) {
            throw PosixException.last("bind", address.text());
        }
    }

    /**
     * Connects.
     *
     * @return false when a non-blocking socket is still at it: it becomes writable, then ask {@link #SO_ERROR}
     */
    public static boolean connect(Fd socket, Address address) {
        Scratch scratch = Scratch.current();
        int length = address.encode(scratch.memory.asSlice(Scratch.ADDRESS, Address.MAX_SIZE));
        if (CONNECT.call(socket.number(), scratch.address(Scratch.ADDRESS), length) < 0) {
            int errno = Scratch.errno();
            if (errno == Errno.EINPROGRESS || errno == Errno.EINTR) {
                return false;
            }
            throw new PosixException("connect(\"" + address.text() + "\")", errno);
        }
        return true;
    }

    /** Listens; a negative backlog means the system's maximum. */
    public static void listen(Fd socket, int backlog) {
        if (LISTEN.call(socket.number(), backlog) < 0) {
            throw PosixException.last("listen", socket.number());
        }
    }

    /** The next connection, non-blocking when asked; empty when a non-blocking listener has none. */
    public static Optional<Fd> accept(Fd listener, boolean nonBlocking) {
        int flags = SOCK_CLOEXEC | (nonBlocking ? SOCK_NONBLOCK : 0);
        while (true) {
            int fd = ACCEPT4.call(listener.number(), 0, 0, flags);
            if (fd >= 0) {
                return Optional.of(Fd.own(fd));
            }
            int errno = Scratch.errno();
            if (errno == Errno.EAGAIN) {
                return Optional.empty();
            }
            if (errno != Errno.EINTR && errno != Errno.ECONNABORTED) {
                throw new PosixException("accept4(" + listener.number() + ")", errno);
            }
        }
    }

    /** The own address. */
    public static Address localAddress(Fd socket) {
        Scratch scratch = Scratch.current();
        scratch.putInt(Scratch.LENGTH, Address.MAX_SIZE);
        int fd = socket.number();
        if (GETSOCKNAME.call(fd, scratch.address(Scratch.ADDRESS), scratch.address(Scratch.LENGTH)) < 0) {
            throw PosixException.last("getsockname", fd);
        }
        return Address.decode(scratch.memory.asSlice(Scratch.ADDRESS, Address.MAX_SIZE),
            scratch.getInt(Scratch.LENGTH));
    }

    /** Process, user and group of the peer of a connected unix socket. */
    public static PeerCredential peerCredential(int fd) {
        Scratch scratch = Scratch.current();
        scratch.putInt(Scratch.LENGTH, 12);
        if (GETSOCKOPT.call(fd, SOL_SOCKET, SO_PEERCRED, scratch.address(Scratch.VALUE),
            scratch.address(Scratch.LENGTH)) < 0) {
            throw PosixException.last("getsockopt(" + fd + ", SO_PEERCRED)");
        }
        return new PeerCredential(scratch.getInt(Scratch.VALUE), scratch.getInt(Scratch.VALUE + 4),
            scratch.getInt(Scratch.VALUE + 8));
    }

    /** The supplementary groups, unsigned, of the process at the other end of a unix socket when it connected. */
    public static int[] peerGroups(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocate(MAX_GROUPS * ValueLayout.JAVA_INT.byteSize(), Integer.BYTES);
            MemorySegment length = arena.allocate(ValueLayout.JAVA_INT);
            length.set(ValueLayout.JAVA_INT, 0, (int) list.byteSize());
            if (GETSOCKOPT.call(fd, SOL_SOCKET, SO_PEERGROUPS, list.address(), length.address()) < 0) {
                throw PosixException.last("getsockopt(" + fd + ", SO_PEERGROUPS)");
            }
            int bytes = length.get(ValueLayout.JAVA_INT, 0);
            return list.asSlice(0, bytes).toArray(ValueLayout.JAVA_INT);
        }
    }

    /** Sets an option whose value is an int. */
    public static void setOption(Fd socket, int level, int name, int value) {
        Scratch scratch = Scratch.current();
        scratch.putInt(Scratch.VALUE, value);
        if (SETSOCKOPT.call(socket.number(), level, name, scratch.address(Scratch.VALUE), Integer.BYTES) < 0) {
            throw PosixException.last("setsockopt(" + socket.number() + ", " + level + ", " + name + ")");
        }
    }

    /** Reads an option whose value is an int. */
    public static int getOption(Fd socket, int level, int name) {
        Scratch scratch = Scratch.current();
        scratch.putInt(Scratch.LENGTH, Integer.BYTES);
        if (GETSOCKOPT.call(socket.number(), level, name, scratch.address(Scratch.VALUE),
            scratch.address(Scratch.LENGTH)) < 0) {
            throw PosixException.last("getsockopt(" + socket.number() + ", " + level + ", " + name + ")");
        }
        return scratch.getInt(Scratch.VALUE);
    }

    /** Sets or clears non-blocking mode, which all duplicates share. */
    public static void nonBlocking(Fd socket, boolean on) {
        Descriptors.nonBlocking(socket.number(), on);
    }

    /** Ends one or both directions. */
    public static void shutdown(Fd socket, int direction) {
        shutdown(socket.number(), direction);
    }

    /** The same by number. */
    public static void shutdown(int socket, int direction) {
        if (SHUTDOWN.call(socket, direction) < 0) {
            throw PosixException.last("shutdown", socket);
        }
    }

    /**
     * Sends one message and never blocks, raises no SIGPIPE.
     *
     * @param buffer native memory
     * @param fds up to {@link #MAX_FDS} descriptors to pass; they stay the caller's
     * @return bytes sent, or {@link #WOULD_BLOCK} for EAGAIN and ENOBUFS
     */
    public static int send(int fd, MemorySegment buffer, long offset, long length, int[] fds) {
        return SocketMessages.send(fd, MemorySegment.NULL, 0, buffer, offset, length, fds);
    }

    /** The same for one message from two pieces of native memory. */
    public static int send(int fd, MemorySegment head, long headLength, MemorySegment body, long offset, long length,
        int[] fds) {
        return SocketMessages.send(fd, head, headLength, body, offset, length, fds);
    }

    /** The same by addresses, for callers that hold such; the memory must stay alive during the call. */
    public static int send(int fd, long head, long headLength, long body, long length, int[] fds) {
        return SocketMessages.send(fd, head, headLength, body, length, fds);
    }

    /**
     * Receives one message and never blocks; descriptors that come along are close-on-exec.
     *
     * @param buffer native memory
     */
    public static Received receive(int fd, MemorySegment buffer) {
        return SocketMessages.receive(fd, buffer, false);
    }

    /** The same by address. */
    public static Received receive(int fd, long address, long length) {
        return SocketMessages.receive(fd, address, length, false);
    }

    /** Receives one message, waiting for it when the socket is in blocking mode. */
    public static Received receiveWaiting(int fd, MemorySegment buffer) {
        return SocketMessages.receive(fd, buffer, true);
    }
}

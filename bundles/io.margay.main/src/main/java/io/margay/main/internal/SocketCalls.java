// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.posix.Address;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;

/** The system calls behind listening sockets, apart so that tests make each of them fail. */
interface SocketCalls {

    /** The kernel's. */
    SocketCalls KERNEL = new SocketCalls() { };

    default Fd socket(Address address) {
        return Sockets.socket(address.family(), Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK, 0);
    }

    default void reuseAddress(Fd socket) {
        Sockets.setOption(socket, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
    }

    default void v6Only(Fd socket) {
        Sockets.setOption(socket, Sockets.IPPROTO_IPV6, Sockets.IPV6_V6ONLY, 1);
    }

    default void sharePort(Fd socket) {
        Sockets.setOption(socket, Sockets.SOL_SOCKET, Sockets.SO_REUSEPORT, 1);
    }

    default void deferAccept(Fd socket) {
        Sockets.setOption(socket, Sockets.IPPROTO_TCP, Sockets.TCP_DEFER_ACCEPT, 1);
    }

    default void bind(Fd socket, Address address) {
        Sockets.bind(socket, address);
    }

    default void chmod(String path, int mode) {
        Files.chmod(path, mode);
    }

    default void listen(Fd socket, int backlog) {
        Sockets.listen(socket, backlog);
    }

    default void unlink(String path) {
        Directories.unlink(path);
    }

    /** Whether the file is a unix socket that a dead server has left: it is one, and connecting to it is refused. */
    default boolean stale(Address.Unix address) {
        try {
            if (Files.linkStatus(address.path()).filter(status -> status.isSocket()).isEmpty()) {
                return false;
            }
            try (Fd probe = socket(address)) {
                Sockets.connect(probe, address);
                return false;
            }
        } catch (PosixException e) {
            return e.errno() == Errno.ECONNREFUSED;
        }
    }
}

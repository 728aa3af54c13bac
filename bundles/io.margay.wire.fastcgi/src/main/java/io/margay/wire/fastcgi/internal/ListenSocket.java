// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.fastcgi.internal;

import io.margay.posix.Address;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The socket on which an application accepts connections, and the only way to it: whoever could connect could have any
 * file of the application run. It has no name. The one that binding needs exists for a moment in a directory that only
 * this account can enter, and is removed; after that connections are made by a descriptor.
 */
final class ListenSocket implements AutoCloseable {

    private static final List<Path> PLACES = List.of(Path.of(System.getProperty("java.io.tmpdir", "/tmp")),
        Path.of("/dev/shm"), Path.of("/var/tmp"));

    private final Fd listening;
    private final Fd place;
    private final AtomicBoolean ended = new AtomicBoolean();

    private ListenSocket(Fd listening, Fd place) {
        this.listening = listening;
        this.place = place;
    }

    /**
     * Makes one.
     *
     * @throws RuntimeException when there is no directory for it
     */
    static ListenSocket open() {
        IOException refused = new IOException("no place for a socket");
        for (Path parent : PLACES) {
            try {
                // Only its owner can enter it.
                Path directory = Files.createTempDirectory(parent, "margay");
                try {
                    return open(directory.resolve("s"));
                } finally {
                    Files.delete(directory);
                }
            } catch (IOException e) {
                refused = e;
            }
        }
        throw new UncheckedIOException("no directory for a socket: " + refused.getMessage(), refused);
    }

    private static ListenSocket open(Path name) throws IOException {
        Fd socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
        try {
            Sockets.bind(socket, new Address.Unix(name.toString()));
            try {
                Fd place = io.margay.posix.Files.open(name.toString(), io.margay.posix.Files.O_PATH, 0);
                try {
                    Sockets.listen(socket, -1);
                    return new ListenSocket(socket, place);
                } catch (PosixException e) {
                    place.close();
                    throw e;
                }
            } finally {
                Files.delete(name);
            }
        } catch (PosixException | IOException e) {
            socket.close();
            throw e;
        }
    }

    /** The descriptor that the application inherits. */
    int number() {
        return listening.number();
    }

    /**
     * A new connection, which does not block, and whose other end the kernel names.
     *
     * @throws PosixException when it is refused
     */
    Fd connect() {
        Fd socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK, 0);
        try {
            Sockets.setOption(socket, Sockets.SOL_SOCKET, Sockets.SO_PASSCRED, 1);
            Sockets.connect(socket, new Address.Unix("/proc/self/fd/" + place.number()));
            return socket;
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Nobody accepts a connection any more: processes that wait for one, even without a master, end. */
    @Override
    public void close() {
        if (ended.compareAndSet(false, true)) {
            try {
                Sockets.shutdown(listening, Sockets.SHUT_RDWR);
            } finally {
                listening.close();
                place.close();
            }
        }
    }
}

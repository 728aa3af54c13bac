// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.posix.Address;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;
import io.margay.process.StartException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * The listening socket of the control API, opened before the server detaches from the terminal
 * ({@code spec/processes.md §9}, {@code spec/control-api.md §1.2}). A unix socket is made under a temporary name, when
 * no server answers at the address; {@link #publish} gives it its name, so that who sees the file gets answers.
 */
final class ControlSocket {

    /** Mode of the file unless another is asked for. */
    public static final int DEFAULT_MODE = 0600;

    private static final int BACKLOG = -1;

    /**
     * What the command line says.
     *
     * @param address text of the address
     * @param mode permission bits of a unix socket's file
     * @param user name of its owner
     * @param group name of its group
     */
    public record Options(String address, int mode, Optional<String> user, Optional<String> group) {
    }

    /**
     * Looks account names up.
     *
     * @param uid user name to uid, empty when there is none
     * @param gid group name to gid, empty when there is none
     */
    public record Names(Function<String, OptionalInt> uid, Function<String, OptionalInt> gid) {
    }

    private final Fd socket;
    private final Optional<String> path;
    private boolean published;

    private ControlSocket(Fd socket, Optional<String> path) {
        this.socket = socket;
        this.path = path;
    }

    /**
     * Opens the socket.
     *
     * @throws StartException with the alert to log; nothing stays behind
     */
    public static ControlSocket create(Options options, Names names) {
        Address address;
        try {
            address = Address.parse(options.address());
        } catch (IllegalArgumentException e) {
            throw new StartException(e.getMessage(), e);
        }
        if (address instanceof Address.Unix unix && !unix.isAbstract()) {
            return new ControlSocket(file(unix, options, names), Optional.of(unix.path()));
        }
        return new ControlSocket(listener(address, address), Optional.empty());
    }

    /** The listening socket; it stays main's, the controller inherits it. */
    public Fd socket() {
        return socket;
    }

    /**
     * The socket answers now: its file appears. Calls after the first have no effect.
     *
     * @throws PosixException when it cannot have its name
     */
    public void publish() {
        if (!published) {
            path.ifPresent(name -> Files.rename(temporary(name), name));
            published = true;
        }
    }

    /** Closes the socket and removes its file, at exit. */
    public void remove() {
        socket.close();
        path.map(name -> published ? name : temporary(name)).ifPresent(Directories::unlink);
    }

    private static String temporary(String path) {
        return path + ".tmp";
    }

    private static Fd file(Address.Unix address, Options options, Names names) {
        String temporary = temporary(address.path());
        int uid = id(options.user(), names.uid(), "getpwnam_r", "User");
        int gid = id(options.group(), names.gid(), "getgrnam_r", "Group");
        try {
            Directories.parents(address.path());
            Address.Unix place = new Address.Unix(temporary);
            // Another server may be at its start.
            probe(place);
            Directories.unlink(temporary);
            Fd socket = bound(place, address);
            try {
                prepare(socket, address, temporary, options.mode(), uid, gid);
            } catch (RuntimeException e) {
                socket.close();
                Directories.unlink(temporary);
                throw e;
            }
            return socket;
        } catch (PosixException | IllegalArgumentException e) {
            throw new StartException(e.getMessage(), e);
        }
    }

    private static void prepare(Fd socket, Address.Unix address, String temporary, int mode, int uid, int gid) {
        Files.chmod(temporary, mode);
        if (uid >= 0 || gid >= 0) {
            Files.chown(temporary, uid, gid);
        }
        listen(socket, address);
        probe(address);
    }

    /** Fails when a server lives at the address. */
    private static void probe(Address.Unix address) {
        try (Fd probe = Sockets.socket(address.family(), Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK, 0)) {
            String call = "connect(" + probe.number() + ", " + address.text() + ")";
            try {
                Sockets.connect(probe, address);
            } catch (PosixException e) {
                if (e.errno() == Errno.ENOENT || e.errno() == Errno.ECONNREFUSED) {
                    return;
                }
                throw new StartException(call + " failed " + PosixException.describe(e.errno()), e);
            }
            throw new StartException(call + " socket already in use");
        }
    }

    private static Fd listener(Address place, Address address) {
        Fd socket = bound(place, address);
        try {
            listen(socket, address);
            return socket;
        } catch (StartException e) {
            socket.close();
            throw e;
        }
    }

    private static Fd bound(Address place, Address address) {
        Fd socket;
        try {
            socket = SocketCalls.KERNEL.socket(place);
        } catch (PosixException e) {
            throw new StartException(e.getMessage(), e);
        }
        int number = socket.number();
        try {
            SocketCalls.KERNEL.reuseAddress(socket);
            if (!(place instanceof Address.Unix)) {
                SocketCalls.KERNEL.deferAccept(socket);
            }
            SocketCalls.KERNEL.bind(socket, place);
            return socket;
        } catch (PosixException e) {
            socket.close();
            throw new StartException("bind(" + number + ", " + address.text() + ") failed "
                + PosixException.describe(e.errno()), e);
        }
    }

    private static void listen(Fd socket, Address address) {
        try {
            SocketCalls.KERNEL.listen(socket, BACKLOG);
        } catch (PosixException e) {
            throw new StartException("listen(" + socket.number() + ", " + address.text() + ", " + BACKLOG + ") failed "
                + PosixException.describe(e.errno()), e);
        }
    }

    private static int id(Optional<String> name, Function<String, OptionalInt> lookup, String call, String what) {
        return name.map(text -> lookup.apply(text).orElseThrow(() -> new StartException(
            call + "(\"" + text + "\", ...) failed " + PosixException.describe(0) + " (" + what + " not found)")))
            .orElse(-1);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.log.ErrorLog;
import io.margay.posix.Address;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;
import io.margay.process.StartException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sockets that main was started with: by the variable NGINX, or by systemd with LISTEN_FDS and LISTEN_PID
 * ({@code spec/processes.md §8}). Unlike Unit the systemd descriptors are 3 to 3+n-1, and a listener whose address
 * equals that of an inherited socket uses it.
 */
final class InheritedSockets {

    /** The first descriptor that systemd passes. */
    public static final int SYSTEMD_FIRST = 3;

    private static final int MAX_SYSTEMD = 1024;

    /**
     * One of them.
     *
     * @param socket stays open as long as the server runs
     * @param address its own address
     * @param type its type, SOCK_STREAM for all that can serve as listeners
     */
    public record Inherited(Fd socket, Address address, int type) {
    }

    private final List<Inherited> sockets;

    private InheritedSockets(List<Inherited> sockets) {
        this.sockets = List.copyOf(sockets);
    }

    /** No sockets. */
    public static InheritedSockets none() {
        return new InheritedSockets(List.of());
    }

    /**
     * Reads the environment.
     *
     * @param environment of main
     * @param self main's pid
     * @param journal takes what is used
     * @throws StartException with the alert to log
     */
    public static InheritedSockets read(Map<String, String> environment, int self, ErrorLog journal) {
        String list = environment.get("NGINX");
        if (list != null) {
            journal.alert("using inherited listen sockets: " + list);
            return new InheritedSockets(numbered(list));
        }
        int count = number(environment.getOrDefault("LISTEN_FDS", ""));
        if (count < 0 || count > MAX_SYSTEMD || number(environment.getOrDefault("LISTEN_PID", "")) != self) {
            return none();
        }
        journal.info("using " + count + " systemd listen sockets");
        List<Inherited> sockets = new ArrayList<>();
        for (int fd = SYSTEMD_FIRST; fd < SYSTEMD_FIRST + count; fd++) {
            sockets.add(inherit(fd));
        }
        return new InheritedSockets(sockets);
    }

    /** Whether there are any; then the server stays in the foreground. */
    public boolean present() {
        return !sockets.isEmpty();
    }

    /** All of them. */
    public List<Inherited> all() {
        return sockets;
    }

    /** A duplicate of the inherited stream socket with an address, for a listener. */
    public Optional<Fd> find(Address address) {
        return sockets.stream()
            .filter(inherited -> inherited.type() == Sockets.SOCK_STREAM && inherited.address().equals(address))
            .findFirst()
            .map(inherited -> {
                Fd copy = inherited.socket().duplicate();
                Sockets.nonBlocking(copy, true);
                return copy;
            });
    }

    private static List<Inherited> numbered(String list) {
        List<Inherited> sockets = new ArrayList<>();
        int from = 0;
        for (int end = list.indexOf(';'); end >= 0; end = list.indexOf(';', from)) {
            int fd = number(list.substring(from, end));
            if (fd < 0) {
                throw new StartException("invalid socket number \"" + list.substring(from)
                    + "\" in NGINX environment variable, ignoring the rest of the variable");
            }
            sockets.add(inherit(fd));
            from = end + 1;
        }
        return sockets;
    }

    private static Inherited inherit(int fd) {
        // Not owned until it is known to be a socket: a wrong number must not close somebody else's file.
        Fd socket = Fd.own(fd);
        try {
            Address address = Sockets.localAddress(socket);
            int type = Sockets.getOption(socket, Sockets.SOL_SOCKET, Sockets.SO_TYPE);
            Descriptors.closeOnExec(fd, true);
            return new Inherited(socket, address, type);
        } catch (PosixException e) {
            socket.release();
            throw new StartException(e.getMessage(), e);
        }
    }

    private static int number(String text) {
        return text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
    }
}

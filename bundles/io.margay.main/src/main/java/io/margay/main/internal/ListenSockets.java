// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.log.ErrorLog;
import io.margay.port.Header;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.port.SocketError;
import io.margay.port.SocketRequest;
import io.margay.posix.Address;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Opens listening sockets for the router, which has no right to ({@code spec/processes.md §15}). Remembers the unix
 * socket files that it has made: only those can be removed by a request, and those that are left go at exit.
 */
final class ListenSockets implements AutoCloseable {

    /** What became of a request. */
    public sealed interface Result {
    }

    /**
     * The socket listens, non-blocking.
     *
     * @param socket owned by the caller
     */
    public record Opened(Fd socket) implements Result {
    }

    /**
     * It does not.
     *
     * @param error code and text, already logged
     */
    public record Refused(SocketError error) implements Result {
    }

    private static final int ALL_MAY_CONNECT = 0666;
    private static final int MAX_REFUSALS = 1024;
    /** A router that has not asked for an address so long after the end of the one before it does not want it. */
    static final long ORPHAN_MILLIS = 30_000;

    private final SocketCalls calls;
    private final InheritedSockets inherited;
    private final ErrorLog journal;
    private final SharedSockets shared = new SharedSockets();
    private final KeptSockets kept;
    private final Set<String> paths = new LinkedHashSet<>();
    /** The last refusal of each address that has not been opened since. */
    private final Map<String, String> refusals = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > MAX_REFUSALS;
        }
    };

    /**
     * Opens for main.
     *
     * @param inherited sockets that main was started with
     * @param journal takes failures
     */
    public ListenSockets(InheritedSockets inherited, ErrorLog journal) {
        this(SocketCalls.KERNEL, inherited, journal);
    }

    ListenSockets(SocketCalls calls, InheritedSockets inherited, ErrorLog journal) {
        this.calls = calls;
        this.inherited = inherited;
        this.journal = journal;
        this.kept = new KeptSockets(journal);
    }

    /** Those that two routers have while one takes the place of the other. */
    SharedSockets shared() {
        return shared;
    }

    /**
     * Opens a socket, binds it and listens.
     *
     * @param text the address
     * @param backlog for listen(2), -1 for the system's maximum
     * @param shared whether a listener of this server, that leaves, has the same port: then both must share it
     */
    public Result open(String text, int backlog, boolean shared) {
        Optional<Address> address = Address.tryParse(text);
        if (address.isEmpty()) {
            return said(text, refuse(SocketError.SYSTEM, "The address \"" + text + "\" is invalid."));
        }
        Optional<Fd> reused = inherited.find(address.get());
        if (reused.isPresent()) {
            return said(text, listen(reused.get(), text, backlog));
        }
        return said(text, create(address.get(), text, backlog, shared));
    }

    /** Logs a refusal, but not what was said of the same address already: the router tries again for hours. */
    private Result said(String address, Result result) {
        if (!(result instanceof Refused refused)) {
            refusals.remove(address);
        } else if (!refused.error().text().equals(refusals.put(address, refused.error().text()))) {
            journal.alert(refused.error().text());
        }
        return result;
    }

    /**
     * Answers a SOCKET request.
     *
     * @param message the request, from the router
     * @param router where the answer goes
     * @param self main's pid
     * @throws io.margay.port.PayloadException when it is malformed
     */
    public void answer(Message message, Peer router, int self) {
        SocketRequest request = SocketRequest.decode(message);
        int asker = message.senderPid();
        Optional<Fd> there = shared.find(request.address());
        if (there.isPresent()) {
            kept.held(request.address(), asker);
            router.send(Header.last(MessageType.RPC_READY, message.stream(), self), there.get());
            return;
        }
        Optional<Fd> orphan = kept.orphan(request.address());
        Result result = orphan.isPresent()
            ? said(request.address(), listen(orphan.get(), request.address(), request.backlog()))
            : open(request.address(), request.backlog(), request.shared());
        switch (result) {
            case Opened opened -> {
                shared.opened(request.address(), opened.socket());
                if (orphan.isPresent()) {
                    kept.held(request.address(), asker);
                } else {
                    kept.opened(request.address(), opened.socket(), asker);
                }
                router.send(Header.last(MessageType.RPC_READY, message.stream(), self), opened.socket());
            }
            case Refused refused ->
                router.send(Header.last(MessageType.RPC_ERROR, message.stream(), self), refused.error().encode());
        }
    }

    /**
     * A router is gone, or accepts no more since another one has taken its place: its sockets wait for the next one, or
     * go with it when another one serves.
     *
     * @param served whether another router serves, which has those that it wants
     * @param later runs a task after milliseconds
     */
    void left(int router, boolean served, BiConsumer<Long, Runnable> later) {
        List<String> orphans = kept.left(router);
        if (served) {
            abandon(orphans);
        } else if (!orphans.isEmpty()) {
            later.accept(ORPHAN_MILLIS, () -> abandon(orphans));
        }
    }

    private void abandon(List<String> addresses) {
        addresses.stream().filter(kept::abandoned).forEach(this::removeFile);
    }

    /** The server ends: who connects from now on is refused as soon as the router has closed its sockets. */
    void letGo() {
        kept.close();
    }

    /**
     * A router has closed a listener: SOCKET_UNLINK, also for those of a change that was rolled back. When no other
     * router has it, its copy here goes, and the file of a unix listener that was made here.
     *
     * @param text the address as it was opened
     */
    void closed(String text, int router) {
        if (kept.released(text, router)) {
            shared.closed(text);
            removeFile(text);
        }
    }

    private void removeFile(String text) {
        if (Address.tryParse(text).orElse(null) instanceof Address.Unix unix && paths.remove(unix.path())) {
            remove(unix.path());
        }
    }

    /** Removes all files that are left; at exit. */
    public void unlinkAll() {
        paths.forEach(this::remove);
        paths.clear();
    }

    /** Gives all copies back. */
    @Override
    public void close() {
        kept.close();
        shared.close();
    }

    private Result create(Address address, String text, int backlog, boolean shared) {
        boolean unix = address instanceof Address.Unix;
        boolean file = address instanceof Address.Unix named && !named.isAbstract();
        Fd socket;
        try {
            socket = calls.socket(address);
        } catch (PosixException e) {
            boolean noInet6 = address instanceof Address.Ip6 && e.errno() == Errno.EAFNOSUPPORT;
            return refuse(noInet6 ? SocketError.NOINET6 : SocketError.SYSTEM, text("socket", text, "", e));
        }
        Result result = prepare(socket, address, text, shared && !unix);
        if (result instanceof Refused) {
            socket.close();
            return result;
        }
        try {
            bind(socket, address);
        } catch (PosixException e) {
            socket.close();
            return refuse(unix ? unixCode(e.errno()) : inetCode(e.errno()), text("bind", text, "", e));
        }
        if (file) {
            String path = ((Address.Unix) address).path();
            try {
                calls.chmod(path, ALL_MAY_CONNECT);
            } catch (PosixException e) {
                socket.close();
                remove(path);
                return refuse(SocketError.SYSTEM, text("chmod", path, "", e));
            }
            paths.add(path);
        }
        Result listening = listen(socket, text, backlog);
        if (listening instanceof Refused) {
            removeFile(text);
        }
        return listening;
    }

    private Result prepare(Fd socket, Address address, String text, boolean shared) {
        try {
            calls.reuseAddress(socket);
        } catch (PosixException e) {
            return refuse(SocketError.SYSTEM, text("setsockopt", text, ", SO_REUSEADDR", e));
        }
        if (shared) {
            try {
                calls.sharePort(socket);
            } catch (PosixException e) {
                return refuse(SocketError.SYSTEM, text("setsockopt", text, ", SO_REUSEPORT", e));
            }
        }
        if (address instanceof Address.Ip6) {
            try {
                calls.v6Only(socket);
            } catch (PosixException e) {
                return refuse(SocketError.SYSTEM, text("setsockopt", text, ", IPV6_V6ONLY", e));
            }
        }
        return new Opened(socket);
    }

    private void bind(Fd socket, Address address) {
        try {
            calls.bind(socket, address);
        } catch (PosixException e) {
            if (e.errno() != Errno.EADDRINUSE || !(address instanceof Address.Unix unix) || unix.isAbstract()
                    || !calls.stale(unix)) {
                throw e;
            }
            journal.notice("removing stale socket file \"" + unix.path() + "\"");
            calls.unlink(unix.path());
            calls.bind(socket, address);
        }
    }

    private Result listen(Fd socket, String text, int backlog) {
        try {
            calls.listen(socket, backlog);
        } catch (PosixException e) {
            socket.close();
            // With SO_REUSEADDR the kernel finds some conflicts only now.
            int code = e.errno() == Errno.EADDRINUSE ? SocketError.INUSE : SocketError.SYSTEM;
            return refuse(code, text("listen", text, "", e));
        }
        return new Opened(socket);
    }

    private void remove(String path) {
        try {
            calls.unlink(path);
        } catch (PosixException e) {
            journal.alert("unlink(\"" + path + "\") failed " + PosixException.describe(e.errno()));
        }
    }

    private static Result refuse(int code, String text) {
        return new Refused(new SocketError(code, text));
    }

    private static int inetCode(int errno) {
        return switch (errno) {
            case Errno.EACCES -> SocketError.PORT;
            case Errno.EADDRINUSE -> SocketError.INUSE;
            case Errno.EADDRNOTAVAIL -> SocketError.NOADDR;
            default -> SocketError.SYSTEM;
        };
    }

    private static int unixCode(int errno) {
        return switch (errno) {
            case Errno.EACCES -> SocketError.ACCESS;
            case Errno.ENOENT, Errno.ENOTDIR -> SocketError.PATH;
            default -> SocketError.SYSTEM;
        };
    }

    /** The backslashes before the quotes are part of the text. */
    private static String text(String call, String subject, String option, PosixException e) {
        return call + "(\\\"" + subject + "\\\"" + option + ") failed " + PosixException.describe(e.errno());
    }
}

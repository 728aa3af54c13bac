// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.log.ErrorLog;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Main's own copies of the listening sockets, each with the routers that have it. A router that dies leaves its sockets
 * behind with it: clients that connect meanwhile wait in them, instead of being refused, and the next router is given
 * the very same sockets. On main's loop.
 */
final class KeptSockets implements AutoCloseable {

    private static final class Kept {
        /** None when there was no descriptor left for it. */
        private final Optional<Fd> copy;
        private final Set<Integer> holders = new HashSet<>();

        Kept(Optional<Fd> copy) {
            this.copy = copy;
        }

        void close() {
            copy.ifPresent(Fd::close);
        }
    }

    private final ErrorLog journal;
    private final Map<String, Kept> sockets = new HashMap<>();
    private boolean closed;

    KeptSockets(ErrorLog journal) {
        this.journal = journal;
    }

    /** Keeps a copy of a socket that a router has got; one of the same address that is there goes. */
    void opened(String address, Fd socket, int router) {
        if (closed) {
            return;
        }
        Kept kept = new Kept(copy(socket));
        kept.holders.add(router);
        Optional.ofNullable(sockets.put(address, kept)).ifPresent(Kept::close);
    }

    private Optional<Fd> copy(Fd socket) {
        try {
            return Optional.of(socket.duplicate());
        } catch (PosixException e) {
            journal.warn("a listening socket is not kept for the time after its router: " + e.getMessage());
            return Optional.empty();
        }
    }

    /** A router has got a socket that is kept already. */
    void held(String address, int router) {
        Optional.ofNullable(sockets.get(address)).ifPresent(kept -> kept.holders.add(router));
    }

    /** The socket with an address that no router has any more; the caller closes it. */
    Optional<Fd> orphan(String address) {
        return Optional.ofNullable(sockets.get(address)).filter(kept -> kept.holders.isEmpty())
            .flatMap(kept -> kept.copy).map(Fd::duplicate);
    }

    /**
     * A router has closed a listener.
     *
     * @return whether no other router has it; it is closed here too then
     */
    boolean released(String address, int router) {
        Kept kept = sockets.get(address);
        if (kept == null) {
            return true;
        }
        kept.holders.remove(router);
        if (!kept.holders.isEmpty()) {
            return false;
        }
        drop(address);
        return true;
    }

    /**
     * A router is gone, or accepts no more.
     *
     * @return the addresses that no router has any more, still kept
     */
    List<String> left(int router) {
        List<String> orphans = new ArrayList<>();
        sockets.forEach((address, kept) -> {
            if (kept.holders.remove(router) && kept.holders.isEmpty()) {
                orphans.add(address);
            }
        });
        return orphans;
    }

    /**
     * Gives up waiting for a router that wants an address.
     *
     * @return whether it was still without one, and is closed now
     */
    boolean abandoned(String address) {
        Kept kept = sockets.get(address);
        if (kept == null || !kept.holders.isEmpty()) {
            return false;
        }
        drop(address);
        return true;
    }

    private void drop(String address) {
        sockets.remove(address).close();
    }

    /** Lets go of all, and keeps none any more: the server ends. */
    @Override
    public void close() {
        closed = true;
        sockets.values().forEach(Kept::close);
        sockets.clear();
    }
}

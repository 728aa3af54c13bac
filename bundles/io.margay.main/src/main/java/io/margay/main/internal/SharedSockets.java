// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.port.Message;
import io.margay.port.PayloadException;
import io.margay.posix.Fd;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Copies of the listening sockets of a router while another one takes its place: the new one is given the very same
 * sockets, so that a connection which waits in one of them is accepted by either. Empty at all other times. On main's
 * loop.
 */
final class SharedSockets implements AutoCloseable {

    private final Map<String, Fd> copies = new HashMap<>();
    private boolean collecting;

    /** Keeps what comes from now on, until {@link #close}. */
    void begin() {
        collecting = true;
    }

    /**
     * Takes what a router sends: addresses with a NUL between them, and the sockets in the same order.
     *
     * @throws PayloadException when there are not as many sockets as addresses; nothing is kept then
     */
    void take(Message message) {
        String[] addresses = message.text().split("\0");
        if (addresses.length != message.fdCount()) {
            throw new PayloadException("sockets_handler: " + message.fdCount() + " sockets for " + addresses.length
                + " addresses");
        }
        for (int i = 0; collecting && i < addresses.length; i++) {
            put(addresses[i], message.take(i).orElseThrow());
        }
    }

    /** Keeps a copy of a socket that was opened meanwhile. */
    void opened(String address, Fd socket) {
        if (collecting) {
            put(address, socket.duplicate());
        }
    }

    /** The listener was removed meanwhile: the next one of the address is another. */
    void closed(String address) {
        Optional.ofNullable(copies.remove(address)).ifPresent(Fd::close);
    }

    private void put(String address, Fd socket) {
        Optional.ofNullable(copies.put(address, socket)).ifPresent(Fd::close);
    }

    /** The socket with an address, for another router; the caller closes it. */
    Optional<Fd> find(String address) {
        return Optional.ofNullable(copies.get(address)).map(Fd::duplicate);
    }

    /** Lets go of all. */
    @Override
    public void close() {
        collecting = false;
        copies.values().forEach(Fd::close);
        copies.clear();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.posix.Address;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * Who started main and wants to hear how it is, as systemd does for services of the type {@code notify}: datagrams to
 * the socket in NOTIFY_SOCKET. Nobody is told when there is none. On main's loop.
 */
final class ServiceManager {
    private static final long RETRY_MILLIS = 50;
    private static final int TRIES = 100;

    private final EventLoop loop;
    private final Optional<Address> address;
    private final ErrorLog journal;
    private boolean stopping;

    private ServiceManager(EventLoop loop, Optional<Address> address, ErrorLog journal) {
        this.loop = loop;
        this.address = address;
        this.journal = journal;
    }

    /**
     * Reads the environment; nothing is opened. What is no address is told and then ignored.
     *
     * @param loop later tries are on it
     */
    static ServiceManager of(Map<String, String> environment, EventLoop loop, ErrorLog journal) {
        String name = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (name.isEmpty()) {
            return new ServiceManager(loop, Optional.empty(), journal);
        }
        try {
            if (name.length() < 2 || name.charAt(0) != '/' && name.charAt(0) != '@') {
                throw new IllegalArgumentException("neither a path nor an abstract name");
            }
            return new ServiceManager(loop, Optional.of(new Address.Unix(name)), journal);
        } catch (IllegalArgumentException e) {
            journal.warn("NOTIFY_SOCKET=\"" + name + "\" is ignored: " + e.getMessage());
            return new ServiceManager(loop, Optional.empty(), journal);
        }
    }

    /** The control socket answers. */
    void ready() {
        if (!stopping) {
            tell("READY=1\nSTATUS=The control socket answers", TRIES);
        }
    }

    /** The end has begun; told once. */
    void stopping(boolean graceful) {
        if (!stopping) {
            stopping = true;
            tell("STOPPING=1\nSTATUS=" + (graceful ? "Requests in progress finish" : "Ending"), 1);
        }
    }

    private void tell(String text, int tries) {
        if (address.isEmpty()) {
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        try (Fd socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM | Sockets.SOCK_NONBLOCK, 0);
                Arena arena = Arena.ofConfined()) {
            boolean sent = Sockets.connect(socket, address.get()) && Sockets.send(socket.number(),
                arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes)), 0, bytes.length, new int[0])
                != Sockets.WOULD_BLOCK;
            if (!sent && tries > 1) {
                // Its queue is full.
                loop.schedule(RETRY_MILLIS, () -> later(text, tries - 1));
            } else if (!sent) {
                journal.warn("the service manager does not read what it is told");
            }
        } catch (PosixException e) {
            journal.warn("the service manager could not be told: " + e.getMessage());
        }
    }

    /** What was true may have changed meanwhile. */
    private void later(String text, int tries) {
        if (!stopping) {
            tell(text, tries);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.posix.Fd;
import io.margay.posix.Sockets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The sockets and processes of one generation of an application. The request socket and the slots are used by all
 * loops, the rest by the home loop.
 */
final class Channel implements AutoCloseable {

    final Slots slots;
    final Map<Integer, WorkerLink> workers = new HashMap<>();
    final Map<Integer, WorkerStart> starts = new HashMap<>();
    final ControlSocket control;
    /** The prototype's pid once it is ready. */
    Optional<Integer> prototype = Optional.empty();
    boolean prototypeStarting;
    /** Whether its processes are to leave. */
    boolean ending;

    private final Fd requestWrite;
    private final Fd requestRead;

    Channel(AppPool pool) {
        Fd[] pair = Sockets.pair(Sockets.SOCK_SEQPACKET);
        requestWrite = pair[0];
        requestRead = pair[1];
        try {
            // The other end stays in blocking mode: workers sleep in recv().
            Sockets.nonBlocking(requestWrite, true);
            slots = new Slots(pool.spec().name());
        } catch (RuntimeException e) {
            requestWrite.close();
            requestRead.close();
            throw e;
        }
        control = new ControlSocket(pool, this);
    }

    /** Where loops write requests. */
    int request() {
        return requestWrite.number();
    }

    /** What workers read; the pool reads it to take requests back. */
    int requestRead() {
        return requestRead.number();
    }

    /** Lets workers see the end of the queue once it is empty: they leave even when no prototype is there to ask. */
    void endRequests() {
        Sockets.shutdown(requestWrite, Sockets.SHUT_WR);
    }

    /** Whether no process of this generation is left or coming. */
    boolean isDeserted() {
        return workers.isEmpty() && starts.isEmpty() && prototype.isEmpty() && !prototypeStarting;
    }

    /** Closes everything; no loop may use it any more. */
    @Override
    public void close() {
        starts.values().forEach(WorkerStart::close);
        starts.clear();
        control.close();
        requestWrite.close();
        requestRead.close();
        slots.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.port.Message;
import io.margay.port.Port;
import io.margay.port.Ports;
import io.margay.port.ReceiveBuffer;
import io.margay.port.StartProcess;
import io.margay.posix.Fd;
import io.margay.posix.Sockets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Main's port, split into one socket pair for each child that main starts. In Unit all processes write to one socket;
 * there an application can shut that socket down for everybody, because its end is shared. Here it cuts off itself.
 */
public final class Uplinks implements AutoCloseable {

    /** START_PROCESS brings most. */
    private static final Port.Limits LIMITS = new Port.Limits(StartProcess.MAX_DESCRIPTORS, 64);

    private final Ports ports;
    private final EventLoop loop;
    private final ReceiveBuffer buffer;
    private final Port.Handler handler;
    private final ErrorLog log;
    private final Set<Port> open = ConcurrentHashMap.newKeySet();

    /**
     * Receives for main.
     *
     * @param ports makes them
     * @param loop main's loop
     * @param buffer its receive buffer
     * @param handler takes the messages of all children, usually the dispatcher
     * @param log takes refusals
     */
    public Uplinks(Ports ports, EventLoop loop, ReceiveBuffer buffer, Port.Handler handler, ErrorLog log) {
        this.ports = ports;
        this.loop = loop;
        this.buffer = buffer;
        this.handler = handler;
        this.log = log;
    }

    /**
     * A new way to main. It lives until the last copy of the writing end is closed.
     *
     * @return the writing end, for the child; the caller closes it after the start
     */
    public Fd open() {
        Fd[] pair = Sockets.seqpacketPair();
        open.add(ports.receive(loop, pair[0], buffer, LIMITS, new Port.Handler() {
            @Override
            public void message(Port port, Message message) {
                handler.message(port, message);
            }

            @Override
            public void failed(Port port, String reason) {
                open.remove(port);
                handler.failed(port, reason);
            }
        }, log));
        return pair[1];
    }

    /** {@return the descriptors by which main receives; for any thread} */
    public List<Integer> numbers() {
        return open.stream().map(Port::number).toList();
    }

    /** How many are open. */
    public int size() {
        return open.size();
    }

    /** Ends all of them. */
    @Override
    public void close() {
        open.forEach(Port::close);
        open.clear();
    }
}

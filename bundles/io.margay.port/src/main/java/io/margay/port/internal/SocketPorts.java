// SPDX-License-Identifier: Apache-2.0
package io.margay.port.internal;

import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.port.Dispatcher;
import io.margay.port.Peer;
import io.margay.port.Port;
import io.margay.port.Ports;
import io.margay.port.ReceiveBuffer;
import io.margay.port.RoleLookup;
import io.margay.port.Rpc;
import io.margay.posix.Fd;
import java.util.function.BiConsumer;
import org.osgi.service.component.annotations.Component;

/** Ports on Unix sockets that keep messages apart. */
@Component
public final class SocketPorts implements Ports {

    @Override
    public Port receive(EventLoop loop, Fd end, ReceiveBuffer buffer, Port.Limits limits, Port.Handler handler,
            ErrorLog log) {
        return Port.open(loop, end, buffer, limits, handler, log);
    }

    @Override
    public Peer peer(EventLoop loop, Fd end, ErrorLog log, BiConsumer<Peer, String> failure) {
        return new Peer(loop, end, log, failure);
    }

    @Override
    public Rpc rpc(EventLoop loop, int owner, ErrorLog log) {
        return new Rpc(loop, owner, log);
    }

    @Override
    public Dispatcher dispatcher(RoleLookup roles, ErrorLog log) {
        return new Dispatcher(roles, log);
    }
}

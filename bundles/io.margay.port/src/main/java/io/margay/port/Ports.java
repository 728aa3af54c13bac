// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.port.internal.SocketPorts;
import io.margay.posix.Fd;
import java.util.function.BiConsumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The ports by which processes of the server talk, as a service of this bundle. What it makes belongs to one event
 * loop; the service itself is for any thread.
 */
@ProviderType
public interface Ports {

    /**
     * Begins to receive; on the loop.
     *
     * @param loop whose thread reads and handles
     * @param end reading end; owned by the port from now on
     * @param buffer the buffer of all ports of the loop
     * @param limits bounds of a turn
     * @param handler takes the messages
     * @param log takes refusals
     */
    Port receive(EventLoop loop, Fd end, ReceiveBuffer buffer, Port.Limits limits, Port.Handler handler, ErrorLog log);

    /**
     * A way to send.
     *
     * @param loop the loop that sends
     * @param end writing end; owned by the peer from now on
     * @param log takes failures
     * @param failure called once on the loop's thread when the other side is gone or takes nothing, with the reason
     */
    Peer peer(EventLoop loop, Fd end, ErrorLog log, BiConsumer<Peer, String> failure);

    /**
     * The requests of a process that wait for answers.
     *
     * @param loop where deadlines are watched and answers arrive
     * @param owner number of the process among those that ask, 1 to 255
     * @param log takes answers that nobody waits for
     */
    Rpc rpc(EventLoop loop, int owner, ErrorLog log);

    /**
     * A table of messages and who may send them.
     *
     * @param roles tells what a sender is
     * @param log takes refusals
     */
    Dispatcher dispatcher(RoleLookup roles, ErrorLog log);

    /** The same, for what runs in no container. */
    static Ports standalone() {
        return new SocketPorts();
    }
}

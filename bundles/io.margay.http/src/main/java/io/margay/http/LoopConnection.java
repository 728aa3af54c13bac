// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * The handler of one connection, in the list of its loop: for the timers, and to be closed when descriptors run out.
 * On the loop.
 */
public abstract class LoopConnection extends ChannelInboundHandlerAdapter {
    LoopConnection next;
    LoopConnection previous;
    boolean listed;
    boolean idle;
    /** Place in the order in which connections began to wait. */
    long order;

    /** Looks whether a timer has expired, about twice a second. */
    protected abstract void check(long now);

    /**
     * Closes the connection if it waits for a request and has nothing to send; tells whether it did.
     *
     * @param slowly whether the client gets time: it hears that there is no more to come, and what it has sent
     *     meanwhile is no reason for a reset
     */
    protected abstract boolean closeIfIdle(boolean slowly);
}

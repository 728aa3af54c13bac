// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;

/**
 * Who is at the ends of a connection: those of its socket, unless somebody in front who is trusted has told others.
 * Protocols ask here. On the loop of the connection.
 */
public final class ConnectionEnds {
    private static final AttributeKey<PeerAddress> REMOTE = AttributeKey.valueOf(ConnectionEnds.class, "remote");
    private static final AttributeKey<PeerAddress> LOCAL = AttributeKey.valueOf(ConnectionEnds.class, "local");

    private ConnectionEnds() {
    }

    /** Lets requests of the connection see these; before the first of them. */
    public static void tell(Channel channel, PeerAddress remote, PeerAddress local) {
        channel.attr(REMOTE).set(remote);
        channel.attr(LOCAL).set(local);
    }

    /** The client. */
    public static PeerAddress remote(Channel channel) {
        return channel.hasAttr(REMOTE) ? channel.attr(REMOTE).get() : PeerAddress.of(channel.remoteAddress());
    }

    /** What the client has connected to. */
    public static PeerAddress local(Channel channel) {
        return channel.hasAttr(LOCAL) ? channel.attr(LOCAL).get() : PeerAddress.of(channel.localAddress());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.channel.Channel;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A protocol that clients may speak, as a service: it turns what comes by a channel into exchanges.
 *
 * <p>A protocol can be replaced while the server runs: connections that exist go on with the old one, new ones get the
 * new one, and the old one is kept until the last of its connections is closed. Methods are called on any thread,
 * {@link #attach} on the loop of the channel.
 */
@ConsumerType
public interface Protocol {

    /** Its name in options and logs, such as {@code http1}. */
    String name();

    /** What clients call it when TLS lets them choose (ALPN, RFC 7301), the best first; empty if they cannot. */
    List<String> alpn();

    /**
     * Which protocol is offered first, and which is spoken when nothing was chosen: the one with the highest number
     * that knows {@code http/1.1}, otherwise the highest of all.
     */
    int priority();

    /**
     * Adds handlers to the end of the pipeline of a channel that is about to be registered with the loop, or is
     * already. They obey the events {@link Transport}, and undo all when they are removed. By
     * {@link io.netty.channel.socket.ChannelInputShutdownEvent} they hear that a client has no more to send; it is
     * theirs to close the channel.
     *
     * @param server what requests get
     */
    void attach(Channel channel, HttpServer server, HttpLoop loop);
}

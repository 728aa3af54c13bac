// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.conf.ConfObject;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
     * The first bytes of a client that speaks it without having asked before, where a listener has no TLS; empty if
     * there is no such way. Not to be changed, nor are those of another call others.
     */
    default byte[] preface() {
        return new byte[0];
    }

    /**
     * What clients call it in the field {@code Upgrade} of a request of HTTP/1.1, where a listener has no TLS (RFC 9110
     * §7.8); empty if there is no such way. Not to be changed.
     */
    default String upgradeToken() {
        return "";
    }

    /**
     * Looks at a request without a body whose client asks for this protocol by {@link #upgradeToken}. On the loop,
     * before anything is sent.
     *
     * @param asking the request; it can be read during this call only
     * @return what adds handlers as {@link #attach} does, and has the request answered, which was counted before. It
     *     is run at most once, when 101 was sent, and the handlers of the other protocol are still there. Empty when
     *     this cannot be: the request is answered as if its client had not asked
     */
    default Optional<Runnable> upgrade(Request asking, Channel channel, HttpServer server, HttpLoop loop) {
        return Optional.empty();
    }

    /**
     * Whether clients of a listener may speak it. Asked when a configuration is made.
     *
     * @param listener the options of the listener, validated
     */
    default boolean serves(ConfObject listener) {
        return true;
    }

    /**
     * The options of the configuration that decide it, as {@code /listeners/*}{@code /tls/name}. Their reader is
     * {@code protocol:} and the name.
     */
    default Set<String> reads() {
        return Set.of();
    }

    /**
     * No new connection comes to it as long as {@link #attach} is not called again: it is replaced or taken away. A
     * protocol whose connections last asks its clients now to make others; what has begun is to be finished.
     */
    default void replaced() {
        // Connections that end with a few requests need not be told.
    }

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

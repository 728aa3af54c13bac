// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.channel.Channel;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Looks at the exchanges of one loop while somebody wants to know of them ({@link HttpLoop#watch}). All is called on
 * the loop, must not block and should not allocate; nothing is thrown. Of an exchange that had begun before the probe
 * came it may see the rest, or nothing.
 */
@ConsumerType
public interface ExchangeProbe {

    /** A connection is there. */
    default void opened(Channel connection) {
    }

    /** A request came in by a listener; its way begins. {@link Timings#listener} names that. */
    default void begun(Exchange exchange) {
    }

    /** An exchange has come to a stage, which is in its timings. */
    default void reached(Exchange exchange, Timings.Stage stage) {
    }

    /**
     * A request of a listener was refused before its way could begin, as malformed or late; it is at its end. What it
     * consists of may be missing, and most of its timings are.
     */
    default void refused(Exchange exchange) {
    }

    /** An exchange is at its end; the request can still be read. */
    void done(Exchange exchange, boolean complete);
}

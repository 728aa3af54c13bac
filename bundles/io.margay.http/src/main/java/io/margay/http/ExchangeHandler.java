// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import org.osgi.annotation.versioning.ConsumerType;

/** Answers requests. */
@ConsumerType
@FunctionalInterface
public interface ExchangeHandler {

    /**
     * Takes a request whose body is complete, or may be incomplete if it {@link #takesEarly()}. Called on the loop of
     * the connection; must not block. The answer may be given at once or later, on the same loop. An exception is
     * logged and answered with 500.
     */
    void handle(Exchange exchange);

    /** Whether it wants requests whose body has not arrived yet. The same for all requests. */
    default boolean takesEarly() {
        return false;
    }

    /**
     * Hears of a request that is about to be refused before anybody could handle it, since it is malformed, too large,
     * late, or its client has left. It can only be watched: the answer is the server's. Called on the loop.
     */
    default void refused(Exchange exchange) {
    }
}

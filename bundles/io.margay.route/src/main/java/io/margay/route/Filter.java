// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.BodyFilter;
import io.margay.http.Exchange;
import io.margay.http.ResponseHead;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One compiled filter. Immutable and shared by all loops; called on the loop of the exchange, never blocks.
 *
 * <p>A filter that throws, answers and passes on, passes on twice, or does neither in time, has its request ended with
 * 500, or cut when the response has begun; the log names its bundle once.
 */
@ConsumerType
public interface Filter {

    /** Which halves of an exchange a filter takes part in. A half that is not wanted costs nothing. */
    enum Half { REQUEST, RESPONSE, BOTH }

    /** The halves that this filter takes part in. Asked once, after it was compiled. */
    default Half half() {
        return Half.BOTH;
    }

    /**
     * Whether the response half stays when the action passes the request on to another action object, as a route or
     * {@code fallback} does. Asked once, after it was compiled.
     */
    default boolean lasts() {
        return true;
    }

    /**
     * Looks at a request and either answers it or passes it on: just one of the two, once, now or later on the same
     * loop. It passes on by {@code next.run(exchange)}.
     *
     * @param next the following filter or the action; valid for this request only
     */
    default void request(Exchange exchange, Action next) {
        next.run(exchange);
    }

    /**
     * Looks at the head of the response before it is sent. Called for each response to a request that came to this
     * filter's request half, its own answers included, in reverse order of the request halves.
     *
     * @return what the body passes through; the rules of {@link BodyFilter} hold
     */
    default Optional<BodyFilter> response(Exchange exchange, ResponseHead head) {
        return Optional.empty();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import org.osgi.annotation.versioning.ConsumerType;

/** What happens with a request that was routed. Immutable and shared by all loops. */
@ConsumerType
@FunctionalInterface
public interface Action {

    /** Answers the request, now or later, or runs another action. Called on the loop of the exchange; never blocks. */
    void run(Exchange exchange);

    /** Whether it takes requests whose body is incomplete; others are run when that has arrived. */
    default boolean streams() {
        return false;
    }
}

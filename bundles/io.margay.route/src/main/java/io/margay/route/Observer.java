// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import org.osgi.annotation.versioning.ConsumerType;

/** Hears of the end of each exchange with one configuration. Immutable, or safe for all loops. */
@ConsumerType
@FunctionalInterface
public interface Observer {

    /**
     * Called once for each request, on its loop, when its response was handed over or cut; also for those that were
     * refused before they were routed. The request can still be read during the call. Must not block and should not
     * allocate. What it throws is logged once.
     *
     * @param complete whether the whole response was handed over
     */
    void done(Exchange exchange, boolean complete);

    /**
     * Called for each request before its way begins, and for those that are about to be refused, whose parts may be
     * missing; only if {@link #watchesBegin}. It may change fields of the request, and add a filter of the response
     * that {@linkplain io.margay.http.ResponseFilter#lasts lasts}; it must not answer, and not block.
     */
    default void begun(Exchange exchange) {
    }

    /** Whether it wants to hear of the begin. Asked once. */
    default boolean watchesBegin() {
        return false;
    }

    /** Whether it looks at fields of responses, which exchanges keep on demand only. Asked once. */
    default boolean readsResponse() {
        return false;
    }
}

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

    /** Whether it looks at fields of responses, which exchanges keep on demand only. Asked once. */
    default boolean readsResponse() {
        return false;
    }
}

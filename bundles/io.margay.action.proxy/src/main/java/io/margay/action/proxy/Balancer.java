// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.Exchange;
import java.util.BitSet;
import java.util.Optional;

/** Which server gets a request. Shared by all loops. */
interface Balancer {

    /**
     * Chooses a server.
     *
     * @param exchange the request
     * @param tried numbers of those that had it already
     * @return empty when there is none
     */
    Optional<UpstreamServer> pick(Exchange exchange, BitSet tried);
}

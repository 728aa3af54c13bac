// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import java.util.Optional;

/** Which server gets a request. Shared by all loops; without locks. */
interface Balancer {

    /**
     * Chooses a server for a request.
     *
     * @return empty when there is none
     */
    Optional<UpstreamServer> pick(Candidates candidates);
}

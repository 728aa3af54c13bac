// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.Exchange;

/** Which servers a request can go to now, asked by a balancer. On the loop of the request. */
interface Candidates {

    /** Whether a server is one. */
    boolean takes(UpstreamServer server);

    /** The request. */
    Exchange exchange();

    /** The time, {@link System#nanoTime}. */
    long now();
}

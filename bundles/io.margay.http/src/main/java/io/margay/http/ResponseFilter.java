// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import org.osgi.annotation.versioning.ConsumerType;

/** Changes the fields of a response before the server adds its own. */
@ConsumerType
@FunctionalInterface
public interface ResponseFilter {

    /**
     * Called once on the loop of the connection when the head of a response with status 200 to 399 is made.
     *
     * @param exchange the request and the status
     * @param fields the fields so far; valid during the call
     */
    void apply(Exchange exchange, ResponseFields fields);
}

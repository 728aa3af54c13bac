// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** Changes the head of a response before the server adds its own fields, and wraps the body if it wants to. */
@ConsumerType
@FunctionalInterface
public interface ResponseFilter {

    /**
     * Called once on the loop of the connection when the head of a response of any status is made. Several filters of
     * an exchange are called in the reverse of the order in which they were added. One that throws, or answers the
     * exchange, has it answered with 500 and without filters.
     *
     * @param exchange the request
     * @param head the head so far; valid during the call
     * @return what the body passes through; it then has no {@code Content-Length}, and files are read instead of
     *     sent by the kernel
     */
    Optional<BodyFilter> response(Exchange exchange, ResponseHead head);

    /** Whether the filter stays when another action takes over the request ({@link Exchange#dropFilters}). */
    default boolean lasts() {
        return true;
    }
}

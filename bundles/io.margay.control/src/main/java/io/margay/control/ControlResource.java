// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Service: answers the requests of the control socket for a path and all that is below it. The access policy, the size
 * limit and the line of the audit log come before it is called. Where two have the same prefix the older service has
 * it. A request under way keeps the resource that it came to, also when the service goes.
 *
 * <p>All methods are called on the loop of the control socket and MUST not block.
 */
@ConsumerType
public interface ControlResource {

    /**
     * The path, such as {@code /control/inspect}; the longest one of all resources that a request is below wins,
     * segment by segment. {@code /} stands for itself only.
     */
    String prefix();

    /**
     * The methods that it knows; others are answered with 405. When empty, it refuses by itself what it does
     * not know.
     */
    default Set<String> methods() {
        return Set.of();
    }

    /** The most bytes that the content of a request may have; more than the server takes has no meaning. */
    default int maxContent() {
        return Integer.MAX_VALUE;
    }

    /**
     * The most bytes that the content of a request may have when it comes in sealed memory, {@link
     * ControlRequest#large}; 0 when all contents come as bytes. A content whose length is not told comes as bytes.
     */
    default int largeContent() {
        return 0;
    }

    /** Whether a request changes something: those are in the audit log. By default all but GET. */
    default boolean changes(ControlRequest request) {
        return !request.method().equals("GET");
    }

    /**
     * Whether a request changes the configuration as a whole, so that {@code dry-run} and {@code confirm} have a
     * meaning. Anywhere else a request that changes something is refused with them.
     */
    default boolean reconfigures(ControlRequest request) {
        return false;
    }

    /** Whether the resource itself asks the policy, since that needs to know more than the path. */
    default boolean judges(ControlRequest request) {
        return false;
    }

    /**
     * Answers.
     *
     * @return completes on any thread; an exception is answered with 500 and told in the log
     */
    CompletionStage<ControlReply> handle(ControlRequest request);
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.schema.Problem;
import java.util.List;
import java.util.Optional;

/**
 * What became of a configuration handed to the router.
 *
 * @param done true when it is in force now; false when the one before still is
 * @param reason why not, for the client; empty when done or unknown
 * @param application the application that could not be started, when that was the cause and is known
 * @param listener the address that cannot be opened, or has the problem, when that was the cause
 * @param problem the value that the router does not take, when that was the cause
 * @param judged false when there is no router that could tell: the next one has to be asked again
 */
public record Applied(boolean done, String reason, Optional<String> application, Optional<String> listener,
    Optional<Problem> problem, boolean judged) {

    /** In force. */
    public static Applied success() {
        return new Applied(true, "", Optional.empty(), Optional.empty(), Optional.empty(), true);
    }

    /** Refused as a whole. */
    public static Applied failure(String reason) {
        return new Applied(false, reason, Optional.empty(), Optional.empty(), Optional.empty(), true);
    }

    /** Refused because one application does not start. */
    public static Applied failure(String reason, String application) {
        return new Applied(false, reason, Optional.of(application), Optional.empty(), Optional.empty(), true);
    }

    /** Refused because one listener cannot be opened. */
    public static Applied closed(String reason, String listener) {
        return new Applied(false, reason, Optional.empty(), Optional.of(listener), Optional.empty(), true);
    }

    /** Refused because of one value; it is valid by its schema, but not for the bundle that reads it. */
    public static Applied invalid(Problem problem) {
        return new Applied(false, problem.detail() + " (" + problem.path() + ")", Optional.empty(),
            listener(problem.path().segments()), Optional.of(problem), true);
    }

    /** The others may serve without the one that has the bad value. */
    private static Optional<String> listener(List<String> place) {
        return place.size() > 1 && place.getFirst().equals("listeners") ? Optional.of(place.get(1)) : Optional.empty();
    }

    /** There is no router, or it has gone meanwhile. */
    public static Applied unjudged(String reason) {
        return new Applied(false, reason, Optional.empty(), Optional.empty(), Optional.empty(), false);
    }
}

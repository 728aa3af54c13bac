// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** Finds the destinations of {@code pass} that live outside of the routes. */
@ConsumerType
@FunctionalInterface
public interface TargetResolver {
    /** Knows no application. */
    TargetResolver NONE = (name, target) -> Optional.empty();

    /**
     * The action that gives requests to an application.
     *
     * @param name the application
     * @param target its target; empty for the first one, or for applications without targets
     * @return empty if there is no such application or target
     */
    Optional<Action> application(String name, Optional<String> target);
}

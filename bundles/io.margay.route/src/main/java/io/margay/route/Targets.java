// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** The destinations of one kind in one configuration. Immutable and shared by all loops. */
@ConsumerType
@FunctionalInterface
public interface Targets {

    /**
     * Finds a destination. Called while the configuration is compiled, and for each request when {@code pass} is a
     * template; then on the loop of the request.
     *
     * @param name the second segment, decoded
     * @param target the third segment, decoded
     * @return empty if there is none of that name
     */
    Optional<Action> find(Optional<String> name, Optional<String> target);

    /** Whether there are destinations that {@linkplain Action#streams() take} requests early. */
    default boolean stream() {
        return false;
    }
}

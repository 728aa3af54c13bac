// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.ConfObject;
import java.util.Set;
import org.osgi.annotation.versioning.ConsumerType;

/** Service: compiles actions of one kind. */
@ConsumerType
public interface ActionFactory {

    /** The member of the action object that selects this kind, such as {@code share}. */
    String option();

    /** All members of the action object that this kind understands, {@link #option()} included. */
    Set<String> options();

    /** Parts of the configuration outside of action objects that this kind reads as well, as JSON Pointers. */
    default Set<String> reads() {
        return Set.of();
    }

    /**
     * Compiles an action object that has the member {@link #option()}.
     *
     * @throws RouteException if the object is invalid
     */
    Action compile(ConfObject action, RouteCompiler compiler);
}

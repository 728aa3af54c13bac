// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** Service: compiles observers, which hear of the end of each exchange. */
@ConsumerType
public interface ObserverFactory {

    /**
     * The part of the configuration that this factory reads, as {@link SectionFactory#pointer}; empty if it observes
     * without being configured. A section for the same pointer of the same bundle may hold what the observer needs.
     */
    String pointer();

    /**
     * Compiles the part; called for each configuration after its sections.
     *
     * @param value the part; empty if it is absent or null
     * @return empty if nothing is to be observed
     * @throws RouteException if the part is invalid
     */
    Optional<Observer> compile(Optional<Conf> value, SectionContext context);
}

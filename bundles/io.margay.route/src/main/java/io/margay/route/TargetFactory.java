// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import org.osgi.annotation.versioning.ConsumerType;

/** Service: one kind of destination for {@code pass}. */
@ConsumerType
public interface TargetFactory {

    /** The first word of the destination, such as {@code applications}. */
    String kind();

    /**
     * Gives the destinations of one configuration. Called for each configuration after all sections were compiled.
     *
     * @throws RouteException if something that they need is missing
     */
    Targets compile(SectionContext context);
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.dispatch.AppPool;
import io.margay.dispatch.Applications;
import io.margay.engine.Generation;
import io.margay.listen.Listener;
import io.margay.route.RoutePlan;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A configuration in force: replaced as a whole.
 *
 * @param loops how many loops there were when it was applied
 * @param listeners sockets by address
 * @param generation entered by every request that uses it
 * @param order what it was made of; empty for that which serves nothing
 * @param plan what it was compiled to; empty for the same
 * @param services the ids of the services that it was made with
 * @param revisions the extension bundles that it may use
 */
record Configuration(int loops, Map<String, Listener> listeners, Generation generation, Optional<Order> order,
                     Optional<RoutePlan> plan, Set<Long> services, Set<Integer> revisions) {

    private static final String APPLICATIONS = "/applications";

    /** Nothing is served. */
    static Configuration empty() {
        return new Configuration(0, new LinkedHashMap<>(), new Generation(), Optional.empty(), Optional.empty(),
            Set.of(), Set.of());
    }

    /** Applications by name, in their order. */
    Map<String, AppPool> pools() {
        return plan.map(Configuration::pools).orElse(Map.of());
    }

    /** Those that go on with the version before of their language module, with the reason. */
    Map<String, String> staying() {
        return plan.flatMap(Configuration::applications).map(Applications::staying).orElse(Map.of());
    }

    /** Those of a plan. */
    static Map<String, AppPool> pools(RoutePlan plan) {
        return applications(plan).map(Applications::pools).orElse(Map.of());
    }

    private static Optional<Applications> applications(RoutePlan plan) {
        return plan.section(APPLICATIONS).filter(Applications.class::isInstance).map(Applications.class::cast);
    }
}

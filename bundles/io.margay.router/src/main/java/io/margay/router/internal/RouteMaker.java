// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfObject;
import io.margay.dispatch.AppPool;
import io.margay.dispatch.ApplicationTarget;
import io.margay.route.ActionFactory;
import io.margay.route.RouteException;
import io.margay.route.RoutePlan;
import io.margay.route.TargetResolver;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Compiles routes with the actions that are there now. */
final class RouteMaker {

    private static final int UNAVAILABLE = 503;

    private final Supplier<List<ActionFactory>> actions;

    RouteMaker(Supplier<List<ActionFactory>> actions) {
        this.actions = actions;
    }

    /**
     * Compiles.
     *
     * @param conf the configuration
     * @param pools the applications that serve
     * @param leftOut configured ones that do not: what is passed to them is answered 503
     * @throws ApplyException when a part cannot be served; the message names it
     */
    RoutePlan compile(ConfObject conf, Map<String, AppPool> pools, Set<String> leftOut) {
        TargetResolver applications = new ApplicationTarget(pools);
        try {
            return RoutePlan.compile(conf, actions.get(), (name, target) -> leftOut.contains(name)
                ? Optional.of(exchange -> exchange.fail(UNAVAILABLE)) : applications.application(name, target));
        } catch (RouteException e) {
            String pointer = e.pointer();
            throw new ApplyException(e.getMessage() + (pointer.isEmpty() ? "" : " (" + pointer + ")"));
        }
    }
}

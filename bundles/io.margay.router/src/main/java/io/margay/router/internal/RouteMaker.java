// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfObject;
import io.margay.dispatch.AppPool;
import io.margay.dispatch.ApplicationTarget;
import io.margay.log.ErrorLog;
import io.margay.route.Extensions;
import io.margay.route.RouteException;
import io.margay.route.RoutePlan;
import io.margay.route.SectionContext;
import io.margay.route.TargetFactory;
import io.margay.route.Targets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Compiles routes with the extensions that are there now. */
final class RouteMaker {

    private static final int UNAVAILABLE = 503;
    private static final Extensions.Origin HOST = new Extensions.Origin(0, "io.margay.router");
    /** What the router reads itself. */
    private static final List<String> OWN = List.of("/applications", "/settings/listen_threads",
        "/listeners/*/backlog", "/listeners/*/tls");

    private final Supplier<Extensions> extensions;
    private final ErrorLog log;

    RouteMaker(Supplier<Extensions> extensions, ErrorLog log) {
        this.extensions = extensions;
        this.log = log;
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
        Targets applications = new ApplicationTarget(pools);
        Extensions.Builder all = extensions.get().toBuilder();
        OWN.forEach(all::host);
        all.add(new TargetFactory() {
            @Override
            public String kind() {
                return "applications";
            }

            @Override
            public Targets compile(SectionContext context) {
                return (name, target) -> leftOut.contains(name.orElse(""))
                    ? Optional.of(exchange -> exchange.fail(UNAVAILABLE)) : applications.find(name, target);
            }
        }, HOST);
        try {
            return RoutePlan.compile(conf, all.build(), Optional.empty(), log);
        } catch (RouteException e) {
            String pointer = e.pointer();
            throw new ApplyException(e.getMessage() + (pointer.isEmpty() ? "" : " (" + pointer + ")"));
        }
    }
}

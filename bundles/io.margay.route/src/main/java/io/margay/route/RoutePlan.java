// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.ConfObject;
import io.margay.http.ExchangeHandler;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** All that a configuration says about where requests go: immutable, shared by all loops. */
public final class RoutePlan {
    private final Map<String, ExchangeHandler> listeners;

    RoutePlan(Map<String, ExchangeHandler> listeners) {
        this.listeners = Map.copyOf(listeners);
    }

    /**
     * Compiles a configuration.
     *
     * @param config the object {@code config}
     * @param factories the kinds of actions that are known, {@code pass} aside
     * @param resolver finds applications
     * @throws RouteException if a part is invalid or needs something that is not installed
     */
    public static RoutePlan compile(ConfObject config, Collection<ActionFactory> factories, TargetResolver resolver) {
        return new PlanCompiler(config, factories, resolver).compile();
    }

    /** Addresses of all listeners. */
    public Set<String> addresses() {
        return listeners.keySet();
    }

    /** What requests to the listener get; empty if there is no such listener. */
    public Optional<ExchangeHandler> handler(String address) {
        return Optional.ofNullable(listeners.get(address));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.route.Action;
import io.margay.route.Targets;
import java.util.Map;
import java.util.Optional;

/**
 * The applications of one configuration as destinations of {@code pass} ({@code spec/routing.md §2}). Immutable.
 */
public final class ApplicationTarget implements Targets {

    private final Map<String, AppPool> pools;

    /**
     * Joins the pools.
     *
     * @param pools by application name; copied
     */
    public ApplicationTarget(Map<String, AppPool> pools) {
        this.pools = Map.copyOf(pools);
    }

    @Override
    public Optional<Action> find(Optional<String> name, Optional<String> target) {
        return name.map(pools::get).flatMap(pool -> index(pool, target)
            .map(index -> exchange -> pool.submit(exchange, index)));
    }

    private static Optional<Integer> index(AppPool pool, Optional<String> target) {
        int index = target.map(pool.spec().targets()::indexOf).orElse(0);
        return index < 0 ? Optional.empty() : Optional.of(index);
    }
}

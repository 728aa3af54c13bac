// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.route.Action;
import io.margay.route.Section;
import io.margay.route.Targets;
import java.util.Map;
import java.util.Optional;

/** The upstreams of one configuration by their names (spec/routing.md §9.4). */
final class Upstreams implements Section, Targets {
    private final Map<String, Upstream> byName;

    Upstreams(Map<String, Upstream> byName) {
        this.byName = Map.copyOf(byName);
    }

    @Override
    public Optional<Action> find(Optional<String> name, Optional<String> target) {
        return target.isPresent() ? Optional.empty() : name.map(byName::get);
    }

    @Override
    public void close() {
        byName.values().forEach(Upstream::close);
    }
}

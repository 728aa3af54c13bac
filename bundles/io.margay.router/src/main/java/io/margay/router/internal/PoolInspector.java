// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.dispatch.PoolStatus;
import io.margay.route.RoutePlan;
import io.margay.status.Inspector;
import java.util.Optional;
import java.util.function.Supplier;

/** The inspector {@code applications}: more of the pools in force than Unit's status has. On the control loop. */
final class PoolInspector implements Inspector {

    private final Supplier<Optional<RoutePlan>> plan;

    PoolInspector(Supplier<Optional<RoutePlan>> plan) {
        this.plan = plan;
    }

    @Override
    public String name() {
        return "applications";
    }

    @Override
    public Conf dump() {
        ConfObject.Builder all = ConfObject.builder();
        plan.get().map(Configuration::pools).ifPresent(pools -> pools.entrySet().stream().limit(MOST)
            .forEach(entry -> all.put(entry.getKey(), of(entry.getValue().status()))));
        return all.build();
    }

    private static ConfObject of(PoolStatus status) {
        return ConfObject.builder().put("running", status.running()).put("starting", status.starting())
            .put("idle", status.idle()).put("active", status.active()).put("leaving", status.detached())
            .put("cancelled", status.cancelled()).put("failing", status.failing()).build();
    }
}

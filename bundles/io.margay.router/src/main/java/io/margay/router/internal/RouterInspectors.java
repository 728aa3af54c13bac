// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.route.RoutePlan;
import io.margay.status.Inspector;
import io.margay.status.Recorded;
import java.util.Optional;
import java.util.function.Supplier;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/** What the router shows of itself. On the control loop. */
final class RouterInspectors implements AutoCloseable {

    private final Traffic traffic;
    private final ServiceRegistration<?> explainer;
    private final ServiceRegistration<?> pools;
    private final ServiceRegistration<?> meter;
    private final ServiceRegistration<?> flight;

    /** Shows the plan in force and what the loops serve. */
    RouterInspectors(BundleContext bundles, Supplier<Optional<RoutePlan>> plan, EventLoop control, Loops loops,
            ErrorLog log) {
        this.traffic = new Traffic(control, loops);
        this.explainer = bundles.registerService(Inspector.class, new RouteInspector(plan), null);
        this.pools = bundles.registerService(Inspector.class, new PoolInspector(plan), null);
        this.meter = bundles.registerService(Inspector.class, new TrafficInspector(traffic), null);
        this.flight = bundles.registerService(Recorded.class, new FlightSource(control, loops, log), null);
    }

    /** Another configuration is in force. */
    void changed() {
        traffic.changed();
    }

    @Override
    public void close() {
        explainer.unregister();
        pools.unregister();
        meter.unregister();
        flight.unregister();
        traffic.stop();
    }
}

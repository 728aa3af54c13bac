// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.telemetry;

import io.margay.conf.Conf;
import io.margay.route.Observer;
import io.margay.route.ObserverFactory;
import io.margay.route.SectionContext;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The object {@code settings.telemetry}: who hears of requests. */
@Component
public final class TelemetryObserverFactory implements ObserverFactory {

    /** Creates the service. */
    @Activate
    public TelemetryObserverFactory() {
    }

    @Override
    public String pointer() {
        return TelemetryFactory.POINTER;
    }

    @Override
    public Optional<Observer> compile(Optional<Conf> value, SectionContext context) {
        return value.flatMap(given -> context.section(TelemetryFactory.POINTER)).filter(Tracing.class::isInstance)
            .map(Tracing.class::cast);
    }
}

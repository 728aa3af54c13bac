// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.accesslog;

import io.margay.conf.Conf;
import io.margay.route.Observer;
import io.margay.route.ObserverFactory;
import io.margay.route.SectionContext;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The option {@code access_log}: who hears of requests. */
@Component
public final class AccessObserverFactory implements ObserverFactory {

    /** Creates the service. */
    @Activate
    public AccessObserverFactory() {
    }

    @Override
    public String pointer() {
        return AccessLogFactory.POINTER;
    }

    @Override
    public Optional<Observer> compile(Optional<Conf> value, SectionContext context) {
        return value.flatMap(given -> context.section(AccessLogFactory.POINTER))
            .filter(AccessLogSection.class::isInstance).map(AccessLogSection.class::cast);
    }
}

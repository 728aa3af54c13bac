// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.http.Protocol;
import io.margay.module.ModuleReceiver;
import io.margay.route.ActionFactory;
import io.margay.route.Extensions;
import io.margay.route.FilterFactory;
import io.margay.route.ObserverFactory;
import io.margay.route.SectionFactory;
import io.margay.route.TargetFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/**
 * What bundles that count offer to routes. During an update two installations of a bundle offer the same; only one of
 * them counts, so that neither is in the way of the other. On the control loop.
 */
final class BoundExtensions {

    /** What the router reads itself. */
    private static final List<String> OWN = List.of("/settings/listen_threads", "/listeners/*/backlog",
        "/listeners/*/tls");

    /**
     * What there is at one moment.
     *
     * @param protocols what clients may speak
     * @param services the ids of the services
     */
    record Snapshot(Extensions extensions, List<Protocol> protocols, Set<Long> services) {

        Snapshot {
            protocols = List.copyOf(protocols);
            services = Set.copyOf(services);
        }
    }

    private final BundleContext context;
    private final ModuleReceiver receiver;

    BoundExtensions(BundleContext context, ModuleReceiver receiver) {
        this.context = context;
        this.receiver = receiver;
    }

    /** A snapshot with nothing but what the router reads itself. */
    static Extensions.Builder builder() {
        Extensions.Builder builder = Extensions.builder();
        OWN.forEach(builder::host);
        return builder;
    }

    Snapshot snapshot() {
        Extensions.Builder builder = builder();
        Set<Long> services = new HashSet<>();
        add(ActionFactory.class, services, builder::add);
        add(FilterFactory.class, services, builder::add);
        add(TargetFactory.class, services, builder::add);
        add(SectionFactory.class, services, builder::add);
        add(ObserverFactory.class, services, builder::add);
        List<Protocol> protocols = new ArrayList<>();
        add(Protocol.class, services, (protocol, origin) -> protocols.add(protocol));
        return new Snapshot(builder.build(), protocols, services);
    }

    private <T> void add(Class<T> type, Set<Long> services, BiConsumer<T, Extensions.Origin> builder) {
        for (ServiceReference<T> reference : references(type)) {
            // A service that cannot be made, or has gone meanwhile, is none.
            T factory = reference.getBundle() != null && receiver.counts(reference.getBundle())
                ? context.getService(reference) : null;
            if (factory != null) {
                long id = (Long) reference.getProperty(Constants.SERVICE_ID);
                services.add(id);
                builder.accept(factory, new Extensions.Origin(id, reference.getBundle().getSymbolicName()));
            }
        }
    }

    private <T> Collection<ServiceReference<T>> references(Class<T> type) {
        try {
            return context.getServiceReferences(type, null);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}

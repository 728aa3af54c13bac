// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.certificate.CertificateKind;
import io.margay.dispatch.WireFactory;
import io.margay.http.Protocol;
import io.margay.module.ModuleReceiver;
import io.margay.route.ActionFactory;
import io.margay.route.Extensions;
import io.margay.route.FilterFactory;
import io.margay.route.ObserverFactory;
import io.margay.route.SectionFactory;
import io.margay.route.TargetFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/**
 * What bundles that count offer to routes. During an update two installations of a bundle offer the same; only one of
 * them counts, so that neither is in the way of the other. On the control loop.
 */
final class BoundExtensions {

    /** What the router reads itself. */
    private static final List<String> OWN = List.of("/settings/listen_threads", "/listeners/*/backlog",
        "/listeners/*/enabled", "/listeners/*/tls", "/listeners/*/proxy_protocol");

    /**
     * What there is at one moment.
     *
     * @param protocols what clients may speak, with the revisions of their bundles
     * @param certificates what listeners may describe instead of naming it
     * @param services the ids of the services
     * @param rivals what a bundle offers under a name that another one has, as {@link Extensions#refused}
     */
    record Snapshot(Extensions extensions, Map<Protocol, Integer> protocols, CertificateKinds certificates,
                    Set<Long> services, List<Extensions.Refused> rivals) {

        Snapshot {
            services = Set.copyOf(services);
            rivals = List.copyOf(rivals);
        }

        /** Those of these bundles that have no part in it. */
        Optional<Extensions.Refused> refused(Set<String> bundles) {
            return Stream.concat(extensions.refused().stream(), rivals.stream())
                .filter(each -> bundles.contains(each.bundle())).findFirst();
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
        Map<Protocol, Integer> protocols = new IdentityHashMap<>();
        Map<String, String> owners = new HashMap<>();
        List<Extensions.Refused> rivals = new ArrayList<>();
        each(Protocol.class, services, (protocol, reference) -> {
            if (owns("protocol", protocol::name, reference, owners, rivals)) {
                protocols.put(protocol, receiver.revision(reference.getBundle()));
                protocol.reads().forEach(builder::host);
                builder.reader("protocol:" + protocol.name());
            }
        });
        CertificateKinds certificates = new CertificateKinds();
        each(CertificateKind.class, services, (kind, reference) -> {
            if (owns("certificate", kind::option, reference, owners, rivals)) {
                builder.reader("certificate:" + certificates.add(kind));
            }
        });
        each(WireFactory.class, services, (wire, reference) -> owns("wire", wire::name, reference, owners, rivals));
        return new Snapshot(builder.build(), protocols, certificates, services, rivals);
    }

    /** A name belongs to the bundle that had it first. */
    private static boolean owns(String what, Supplier<String> named, ServiceReference<?> reference,
            Map<String, String> owners, List<Extensions.Refused> rivals) {
        String bundle = reference.getBundle().getSymbolicName();
        try {
            String name = Objects.requireNonNull(named.get());
            String owner = owners.putIfAbsent(what + ' ' + name, bundle);
            if (owner == null) {
                return true;
            }
            rivals.add(new Extensions.Refused(bundle, "is not used: the " + what + " \"" + name
                + "\" is that of the bundle " + owner));
        } catch (RuntimeException | LinkageError e) {
            rivals.add(new Extensions.Refused(bundle, "cannot say what it supports: " + e));
        }
        return false;
    }

    private <T> void add(Class<T> type, Set<Long> services, BiConsumer<T, Extensions.Origin> builder) {
        each(type, services, (factory, reference) -> builder.accept(factory, new Extensions.Origin(
            (Long) reference.getProperty(Constants.SERVICE_ID), reference.getBundle().getSymbolicName())));
    }

    /** In the order in which they were registered. */
    private <T> void each(Class<T> type, Set<Long> services, BiConsumer<T, ServiceReference<T>> action) {
        for (ServiceReference<T> reference : Offers.of(context, type)) {
            // A service that cannot be made, or has gone meanwhile, is none.
            T factory = reference.getBundle() != null && receiver.counts(reference.getBundle())
                ? Offers.get(context, type, reference) : null;
            if (factory != null) {
                services.add((Long) reference.getProperty(Constants.SERVICE_ID));
                action.accept(factory, reference);
            }
        }
    }
}

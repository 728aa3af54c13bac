// SPDX-License-Identifier: Apache-2.0
package io.margay.route.internal;

import io.margay.route.ActionFactory;
import io.margay.route.ExtensionSource;
import io.margay.route.Extensions;
import io.margay.route.FilterFactory;
import io.margay.route.ObserverFactory;
import io.margay.route.SectionFactory;
import io.margay.route.TargetFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** Collects the services of extension bundles. Services come and go on any thread. */
@Component(service = ExtensionSource.class)
public final class ExtensionRegistry implements ExtensionSource {

    private final Map<Long, BiFunction<Extensions.Builder, Extensions.Origin, Extensions.Builder>> offers =
        new TreeMap<>();
    private final Map<Long, Extensions.Origin> origins = new TreeMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private Optional<Extensions> snapshot = Optional.of(Extensions.NONE);

    /** Inert: it only hears of services. */
    @Activate
    public ExtensionRegistry() {
    }

    @Override
    public Extensions current() {
        synchronized (offers) {
            if (snapshot.isEmpty()) {
                Extensions.Builder builder = Extensions.builder();
                offers.forEach((id, offer) -> offer.apply(builder, origins.get(id)));
                snapshot = Optional.of(builder.build());
            }
            return snapshot.get();
        }
    }

    @Override
    public AutoCloseable onChange(Runnable action) {
        listeners.add(action);
        return () -> listeners.remove(action);
    }

    private void add(ServiceReference<?> reference,
                     BiFunction<Extensions.Builder, Extensions.Origin, Extensions.Builder> offer) {
        long id = (Long) reference.getProperty(Constants.SERVICE_ID);
        synchronized (offers) {
            offers.put(id, offer);
            origins.put(id, new Extensions.Origin(id, reference.getBundle().getSymbolicName()));
            snapshot = Optional.empty();
        }
        listeners.forEach(Runnable::run);
    }

    private void remove(ServiceReference<?> reference) {
        long id = (Long) reference.getProperty(Constants.SERVICE_ID);
        synchronized (offers) {
            offers.remove(id);
            origins.remove(id);
            snapshot = Optional.empty();
        }
        listeners.forEach(Runnable::run);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY)
    void addAction(ServiceReference<ActionFactory> reference, ActionFactory factory) {
        add(reference, (builder, origin) -> builder.add(factory, origin));
    }

    void removeAction(ServiceReference<ActionFactory> reference) {
        remove(reference);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY)
    void addFilter(ServiceReference<FilterFactory> reference, FilterFactory factory) {
        add(reference, (builder, origin) -> builder.add(factory, origin));
    }

    void removeFilter(ServiceReference<FilterFactory> reference) {
        remove(reference);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY)
    void addTarget(ServiceReference<TargetFactory> reference, TargetFactory factory) {
        add(reference, (builder, origin) -> builder.add(factory, origin));
    }

    void removeTarget(ServiceReference<TargetFactory> reference) {
        remove(reference);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY)
    void addSection(ServiceReference<SectionFactory> reference, SectionFactory factory) {
        add(reference, (builder, origin) -> builder.add(factory, origin));
    }

    void removeSection(ServiceReference<SectionFactory> reference) {
        remove(reference);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY)
    void addObserver(ServiceReference<ObserverFactory> reference, ObserverFactory factory) {
        add(reference, (builder, origin) -> builder.add(factory, origin));
    }

    void removeObserver(ServiceReference<ObserverFactory> reference) {
        remove(reference);
    }
}

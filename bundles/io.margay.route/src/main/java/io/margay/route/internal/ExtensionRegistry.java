// SPDX-License-Identifier: Apache-2.0
package io.margay.route.internal;

import io.margay.route.ActionFactory;
import io.margay.route.ExtensionSource;
import io.margay.route.Extensions;
import io.margay.route.FilterFactory;
import io.margay.route.ObserverFactory;
import io.margay.route.SectionFactory;
import io.margay.route.TargetFactory;
import java.util.Comparator;
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

    /** What one service offers as one type: it may be several. */
    private record Key(long service, String type) implements Comparable<Key> {
        private static final Comparator<Key> ORDER = Comparator.comparingLong(Key::service).thenComparing(Key::type);

        static Key of(ServiceReference<?> reference, Class<?> type) {
            return new Key((Long) reference.getProperty(Constants.SERVICE_ID), type.getName());
        }

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    private final Map<Key, BiFunction<Extensions.Builder, Extensions.Origin, Extensions.Builder>> offers =
        new TreeMap<>();
    private final Map<Key, Extensions.Origin> origins = new TreeMap<>();
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

    private void add(ServiceReference<?> reference, Class<?> type,
                     BiFunction<Extensions.Builder, Extensions.Origin, Extensions.Builder> offer) {
        Key key = Key.of(reference, type);
        synchronized (offers) {
            offers.put(key, offer);
            origins.put(key, new Extensions.Origin(key.service(), reference.getBundle().getSymbolicName()));
            snapshot = Optional.empty();
        }
        listeners.forEach(Runnable::run);
    }

    private void remove(ServiceReference<?> reference, Class<?> type) {
        Key key = Key.of(reference, type);
        synchronized (offers) {
            offers.remove(key);
            origins.remove(key);
            snapshot = Optional.empty();
        }
        listeners.forEach(Runnable::run);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY)
    void addAction(ServiceReference<ActionFactory> reference, ActionFactory factory) {
        add(reference, ActionFactory.class, (builder, origin) -> builder.add(factory, origin));
    }

    void removeAction(ServiceReference<ActionFactory> reference) {
        remove(reference, ActionFactory.class);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY)
    void addFilter(ServiceReference<FilterFactory> reference, FilterFactory factory) {
        add(reference, FilterFactory.class, (builder, origin) -> builder.add(factory, origin));
    }

    void removeFilter(ServiceReference<FilterFactory> reference) {
        remove(reference, FilterFactory.class);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY)
    void addTarget(ServiceReference<TargetFactory> reference, TargetFactory factory) {
        add(reference, TargetFactory.class, (builder, origin) -> builder.add(factory, origin));
    }

    void removeTarget(ServiceReference<TargetFactory> reference) {
        remove(reference, TargetFactory.class);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY)
    void addSection(ServiceReference<SectionFactory> reference, SectionFactory factory) {
        add(reference, SectionFactory.class, (builder, origin) -> builder.add(factory, origin));
    }

    void removeSection(ServiceReference<SectionFactory> reference) {
        remove(reference, SectionFactory.class);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY)
    void addObserver(ServiceReference<ObserverFactory> reference, ObserverFactory factory) {
        add(reference, ObserverFactory.class, (builder, origin) -> builder.add(factory, origin));
    }

    void removeObserver(ServiceReference<ObserverFactory> reference) {
        remove(reference, ObserverFactory.class);
    }
}

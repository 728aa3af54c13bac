// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.ConfPointer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What bundles offer to routes at one moment: an immutable snapshot, from which any number of configurations can be
 * compiled. Where two factories claim the same thing the older service has it, and the newer is {@linkplain #refused()
 * refused}.
 */
public final class Extensions {

    /** No extensions. */
    public static final Extensions NONE = builder().build();

    /**
     * Where a factory comes from.
     *
     * @param service its service id: the lower, the older
     * @param bundle the symbolic name of its bundle, as logs and errors name it
     */
    public record Origin(long service, String bundle) {
    }

    /**
     * A factory that has no part in this snapshot.
     *
     * @param bundle the symbolic name of its bundle
     * @param reason a phrase that follows the name of the bundle
     */
    public record Refused(String bundle, String reason) {
    }

    /** A factory and its origin; the name is its option, kind or pointer as it was when the snapshot was made. */
    record Entry<T>(String name, T factory, Origin origin, int order) {
        Entry(String name, T factory, Origin origin) {
            this(name, factory, origin, 0);
        }
    }

    private record Offer<T>(Class<T> type, T factory, Origin origin) {
    }

    private final Set<String> others;
    private final Map<String, Entry<ActionFactory>> actions = new TreeMap<>();
    private final Map<String, Set<String>> options = new HashMap<>();
    private final Map<String, Entry<TargetFactory>> targets = new TreeMap<>();
    private final Map<String, Entry<SectionFactory>> sections = new TreeMap<>();
    private final List<Entry<ObserverFactory>> observers = new ArrayList<>();
    private final Map<FilterFactory.Scope, List<Entry<FilterFactory>>> filters =
        new EnumMap<>(FilterFactory.Scope.class);
    private final List<Refused> refused = new ArrayList<>();
    private final Claims claims = new Claims();

    private Extensions(List<Offer<?>> offers, Set<String> hosts, Set<String> others) {
        this.others = Set.copyOf(others);
        hosts.forEach(claims::add);
        for (FilterFactory.Scope scope : FilterFactory.Scope.values()) {
            filters.put(scope, new ArrayList<>());
        }
        offers.stream().sorted(Comparator.comparingLong(offer -> offer.origin().service())).forEach(this::take);
        Comparator<Entry<FilterFactory>> order = Comparator.comparingInt(Entry::order);
        filters.values().forEach(all -> all.sort(order.thenComparing(Entry::name)));
    }

    /** Starts a snapshot. */
    public static Builder builder() {
        return new Builder();
    }

    /** The factories that have no part, for the log and for status pages. */
    public List<Refused> refused() {
        return Collections.unmodifiableList(refused);
    }

    /**
     * What the extensions of this snapshot read, named as the {@code reader} of an option in a schema file is:
     * {@code action:share}, {@code filter:response_headers}, {@code target:applications}, {@code section:/access_log}
     * (also when an observer reads it).
     */
    public Set<String> readers() {
        Set<String> readers = new HashSet<>(others);
        actions.keySet().forEach(name -> readers.add("action:" + name));
        targets.keySet().forEach(name -> readers.add("target:" + name));
        sections.keySet().forEach(name -> readers.add("section:" + name));
        observers.forEach(entry -> readers.add("section:" + entry.name()));
        filters.values().forEach(all -> all.forEach(entry -> readers.add("filter:" + entry.name())));
        return readers;
    }

    private void take(Offer<?> offer) {
        try {
            String reason = switch (offer.factory()) {
                case ActionFactory factory when offer.type() == ActionFactory.class -> action(factory, offer.origin());
                case FilterFactory factory when offer.type() == FilterFactory.class -> filter(factory, offer.origin());
                case TargetFactory factory when offer.type() == TargetFactory.class -> target(factory, offer.origin());
                case SectionFactory factory when offer.type() == SectionFactory.class ->
                    section(factory, offer.origin());
                case ObserverFactory factory -> observer(factory, offer.origin());
                default -> throw new IllegalStateException(offer.type().getName());
            };
            if (!reason.isEmpty()) {
                refused.add(new Refused(offer.origin().bundle(), reason));
            }
        } catch (RuntimeException | LinkageError e) {
            refused.add(new Refused(offer.origin().bundle(), "cannot say what it supports: " + e));
        }
    }

    private String action(ActionFactory factory, Origin origin) {
        String name = Objects.requireNonNull(factory.option());
        Set<String> understood = Set.copyOf(factory.options());
        Set<String> reads = Set.copyOf(factory.reads());
        if (ActionCompiler.OWN.contains(name) || actions.containsKey(name)) {
            return taken("the action", name, actions.get(name));
        }
        for (Entry<FilterFactory> filter : filters(FilterFactory.Scope.ACTION)) {
            if (understood.contains(filter.name())) {
                return taken("the option", filter.name(), filter);
            }
        }
        actions.put(name, new Entry<>(name, factory, origin));
        options.put(name, understood);
        reads.forEach(claims::add);
        return "";
    }

    private String filter(FilterFactory factory, Origin origin) {
        String name = Objects.requireNonNull(factory.option());
        FilterFactory.Scope scope = Objects.requireNonNull(factory.scope());
        Set<String> reads = Set.copyOf(factory.reads());
        boolean action = scope == FilterFactory.Scope.ACTION;
        List<Entry<FilterFactory>> all = filters(scope);
        for (Entry<FilterFactory> filter : all) {
            if (filter.name().equals(name)) {
                return taken("the filter", name, filter);
            }
        }
        if (action && ActionCompiler.OWN.contains(name)) {
            return taken("the option", name, null);
        }
        for (Map.Entry<String, Set<String>> entry : options.entrySet()) {
            if (action && entry.getValue().contains(name)) {
                return taken("the option", name, actions.get(entry.getKey()));
            }
        }
        Optional<String> place = switch (scope) {
            case ACTION -> Optional.empty();
            case LISTENER -> Optional.of("/listeners/*/" + name);
            case SERVER -> Optional.of("/settings/http/" + name);
        };
        if (place.isPresent() && !claims.free(place.get())) {
            return taken(scope == FilterFactory.Scope.LISTENER ? "the listener option" : "the setting", name, null);
        }
        all.add(new Entry<>(name, factory, origin, factory.order()));
        reads.forEach(claims::add);
        place.ifPresent(claims::add);
        return "";
    }

    private String target(TargetFactory factory, Origin origin) {
        String name = Objects.requireNonNull(factory.kind());
        if (name.equals(PassTarget.ROUTES) || targets.containsKey(name)) {
            return taken("the destination", name, targets.get(name));
        }
        targets.put(name, new Entry<>(name, factory, origin));
        return "";
    }

    private String section(SectionFactory factory, Origin origin) {
        String name = ConfPointer.parse(factory.pointer()).toString();
        // The two factories of one bundle for one part come in any order.
        boolean own = !sections.containsKey(name) && observers.stream().anyMatch(entry -> entry.name().equals(name)
            && entry.origin().bundle().equals(origin.bundle()));
        if (!own && !claims.free(name)) {
            return taken("the section", name, sections.get(name));
        }
        sections.put(name, new Entry<>(name, factory, origin, factory.first() ? -1 : 0));
        claims.add(name);
        return "";
    }

    private String observer(ObserverFactory factory, Origin origin) {
        String name = ConfPointer.parse(factory.pointer()).toString();
        if (!name.isEmpty() && !claims.free(name)) {
            Entry<SectionFactory> section = sections.get(name);
            boolean own = section != null && section.origin().bundle().equals(origin.bundle())
                && observers.stream().noneMatch(entry -> entry.name().equals(name));
            if (!own) {
                return taken("the section", name, section);
            }
        } else if (!name.isEmpty()) {
            claims.add(name);
        }
        observers.add(new Entry<>(name, factory, origin));
        return "";
    }

    private static String taken(String what, String name, Entry<?> winner) {
        return "is not used: " + what + " \"" + name + "\" is that of "
            + (winner == null ? "the server" : "the bundle " + winner.origin().bundle());
    }

    Map<String, Entry<ActionFactory>> actions() {
        return actions;
    }

    /** The options that the kind of action understands. */
    Set<String> options(String action) {
        return options.getOrDefault(action, Set.of());
    }

    /** In the order in which requests meet them. */
    List<Entry<FilterFactory>> filters(FilterFactory.Scope scope) {
        return filters.get(scope);
    }

    Map<String, Entry<TargetFactory>> targets() {
        return targets;
    }

    Map<String, Entry<SectionFactory>> sections() {
        return sections;
    }

    List<Entry<ObserverFactory>> observers() {
        return observers;
    }

    Claims claims() {
        return claims;
    }

    /** Collects factories; one thread at a time. */
    public static final class Builder {
        private final List<Offer<?>> offers = new ArrayList<>();
        private final Set<String> hosts = new HashSet<>();
        private final Set<String> others = new HashSet<>();

        private Builder() {
        }

        /** Adds a kind of action. */
        public Builder add(ActionFactory factory, Origin origin) {
            return offer(ActionFactory.class, factory, origin);
        }

        /** Adds a filter. */
        public Builder add(FilterFactory factory, Origin origin) {
            return offer(FilterFactory.class, factory, origin);
        }

        /** Adds a kind of destination. */
        public Builder add(TargetFactory factory, Origin origin) {
            return offer(TargetFactory.class, factory, origin);
        }

        /** Adds a section. */
        public Builder add(SectionFactory factory, Origin origin) {
            return offer(SectionFactory.class, factory, origin);
        }

        /** Adds an observer. */
        public Builder add(ObserverFactory factory, Origin origin) {
            return offer(ObserverFactory.class, factory, origin);
        }

        private <T> Builder offer(Class<T> type, T factory, Origin origin) {
            offers.add(new Offer<>(type, Objects.requireNonNull(factory), Objects.requireNonNull(origin)));
            return this;
        }

        /**
         * Declares a part of the configuration that the process itself reads, as {@code /settings/listen_threads} or
         * {@code /listeners/*}{@code /tls}: no extension can have it.
         */
        public Builder host(String pointer) {
            hosts.add(pointer);
            return this;
        }

        /** Declares a reader of options that is no factory of routes, as {@code protocol:http1}. */
        public Builder reader(String name) {
            others.add(name);
            return this;
        }

        /** The snapshot; it asks each factory what it claims. */
        public Extensions build() {
            return new Extensions(offers, hosts, others);
        }
    }
}

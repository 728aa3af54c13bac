// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.dispatch.AppPool;
import io.margay.dispatch.Applications;
import io.margay.dispatch.PoolHost;
import io.margay.lang.AppSpec;
import io.margay.route.Action;
import io.margay.route.RouteException;
import io.margay.route.SectionContext;
import io.margay.route.Targets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** The applications of one plan. On the control thread, except for the actions that it gives out. */
final class ApplicationsSection implements Applications, Targets {

    private static final int UNAVAILABLE = 503;

    /** An application of this plan; requests read the pool. */
    private static final class Place {
        volatile Held held;
        /** The pool of the same application before, if only its language or its wire is newer. */
        Optional<Held> before = Optional.empty();
        Held.Made made;
    }

    private final ApplicationsFactory factory;
    private final ConfPointer at;
    /** Only until this one is in force or given up, since each one would keep its predecessor. */
    private Optional<ApplicationsSection> previous;
    private final Map<String, Optional<Place>> places = new LinkedHashMap<>();
    private final List<Place> fresh = new ArrayList<>();
    private boolean closed;

    private ApplicationsSection(ApplicationsFactory factory, ConfPointer at, Optional<ApplicationsSection> previous) {
        this.factory = factory;
        this.at = at;
        this.previous = previous;
    }

    static ApplicationsSection compile(ApplicationsFactory factory, Optional<Conf> value, SectionContext context) {
        ApplicationsSection section = new ApplicationsSection(factory, context.at(), context.previous()
            .filter(ApplicationsSection.class::isInstance).map(ApplicationsSection.class::cast));
        try {
            if (value.orElse(ConfObject.EMPTY) instanceof ConfObject applications) {
                for (String name : applications.members().keySet()) {
                    ConfPointer pointer = section.at.child(name);
                    section.places.put(name, context.isLeftOut(pointer) ? Optional.empty() : Optional.of(
                        section.place(new AppSpec(name, applications.object(name).orElse(ConfObject.EMPTY)), pointer)));
                }
            }
            return section;
        } catch (RuntimeException e) {
            section.close();
            throw e;
        }
    }

    private Place place(AppSpec app, ConfPointer pointer) {
        PoolHost.Installed installed = factory.language(app, pointer);
        PoolHost.InstalledWire wire = factory.wire(app, installed, pointer);
        Place place = new Place();
        place.made = new Held.Made(installed.revision(), wire.factory());
        Optional<Held> same = previous.flatMap(section -> section.held(app.name()))
            .filter(held -> held.pool.spec().sameAs(app) && held.pool.loopCount() == factory.loops());
        Optional<Held> kept = same.filter(held -> held.isCurrent(place.made));
        Optional<Held> parked = kept.isPresent() ? Optional.empty()
            : factory.parking().find(app, place.made, factory.loops());
        if (kept.isPresent()) {
            place.held = kept.get();
        } else if (parked.isPresent()) {
            place.held = parked.get();
            place.before = same;
        } else {
            try {
                place.held = factory.pool(app, installed, wire);
            } catch (RuntimeException e) {
                throw new RouteException(pointer, "The application cannot be made ready: " + e.getMessage());
            }
            place.before = same;
            fresh.add(place);
        }
        place.held.hold();
        return place;
    }

    private Optional<Held> held(String name) {
        return places.getOrDefault(name, Optional.empty()).map(place -> place.held);
    }

    @Override
    public Map<String, AppPool> pools() {
        Map<String, AppPool> pools = new LinkedHashMap<>();
        places.forEach((name, place) -> place.ifPresent(there -> pools.put(name, there.held.pool)));
        return pools;
    }

    @Override
    public Map<String, String> staying() {
        Map<String, String> staying = new LinkedHashMap<>();
        places.forEach((name, place) -> place.flatMap(there -> there.held.fault())
            .ifPresent(reason -> staying.put(name, reason)));
        return staying;
    }

    @Override
    public Optional<Action> find(Optional<String> name, Optional<String> target) {
        Optional<Place> place = name.flatMap(text -> places.getOrDefault(text, Optional.empty()));
        if (place.isEmpty()) {
            return name.filter(places::containsKey).map(text -> exchange -> exchange.fail(UNAVAILABLE));
        }
        Place found = place.get();
        int index = target.map(found.held.pool.spec().targets()::indexOf).orElse(0);
        return index < 0 ? Optional.empty() : Optional.of(exchange -> found.held.pool.submit(exchange, index));
    }

    // ---- life ---------------------------------------------------------

    /** Starts the new applications one after the other; the old configuration serves on meanwhile. */
    @Override
    public CompletionStage<Void> start() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        startNext(List.copyOf(fresh).iterator(), result);
        return result;
    }

    /** Who had workers has one with the new language before it serves: else the old one does. */
    private static CompletionStage<Void> begin(Place place) {
        boolean served = place.before.filter(before -> before.pool.status().running() > 0).isPresent();
        return place.held.pool.start(served ? 1 : 0);
    }

    private void startNext(Iterator<Place> left, CompletableFuture<Void> result) {
        if (closed || !left.hasNext()) {
            result.complete(null);
            return;
        }
        Place place = left.next();
        begin(place).whenComplete((ok, failure) -> factory.onControl(() -> {
            if (failure == null || closed) {
                startNext(left, result);
            } else if (place.before.isPresent()) {
                stay(place, place.before.get(), reason(failure));
                startNext(left, result);
            } else {
                result.completeExceptionally(new RouteException(at.child(place.held.pool.spec().name()),
                    reason(failure)));
            }
        }));
    }

    /** An application that has not changed does not end because of a newer bundle that does not start it. */
    private void stay(Place place, Held before, String reason) {
        String stays = "stays with the version of its language module that it has: " + reason;
        factory.log().alert("application \"" + before.pool.spec().title() + "\" " + stays);
        before.stays(place.made, stays);
        before.hold();
        factory.letGo(place.held);
        place.held = before;
    }

    /** The message and, where it says more, that of the cause: what the language or the kernel has said. */
    private static String reason(Throwable failure) {
        Throwable shown = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause()
            : failure;
        String text = String.valueOf(shown.getMessage());
        Throwable cause = shown.getCause();
        boolean more = cause != null && cause.getMessage() != null && !text.contains(cause.getMessage());
        return more ? text + ": " + cause.getMessage() : text;
    }

    /** Workers of applications that are not here any more shall not keep the old configuration by hanging. */
    @Override
    public void commit() {
        places.values().stream().flatMap(Optional::stream).forEach(place -> {
            place.before.filter(before -> before != place.held).ifPresent(factory.parking()::park);
            place.before = Optional.empty();
            factory.parking().unpark(place.held);
        });
        factory.parking().retain(app -> held(app.name()).filter(held -> held.pool.spec().sameAs(app)).isPresent());
        previous.ifPresent(before -> before.pools().values().forEach(pool -> {
            if (!pools().containsValue(pool) && !factory.parking().has(pool)) {
                pool.supersede();
            }
        }));
        previous = Optional.empty();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            previous = Optional.empty();
            places.values().forEach(place -> place.ifPresent(there -> factory.letGo(there.held)));
        }
    }
}

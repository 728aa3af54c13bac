// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.log.ErrorLog;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Compiles one configuration; used once. */
final class PlanCompiler {
    private static final Set<String> STEP = Set.of("match", "action", "enabled");

    private final ConfObject configuration;
    private final RoutePlan.Builder order;
    private final Owned owned;
    private final Map<String, Section> sections = new LinkedHashMap<>();
    private final Destinations destinations = new Destinations();
    private final List<Entrance> entrances = new ArrayList<>();
    private final TemplateCompiler templates;
    private final ActionCompiler actions;
    private final Map<String, ListenerHandler> listeners = new HashMap<>();

    PlanCompiler(ConfObject configuration, RoutePlan.Builder order) {
        this.configuration = configuration;
        this.order = order;
        this.owned = new Owned(order.log());
        this.templates = new TemplateCompiler(order.log());
        this.actions = new ActionCompiler(this, order.extensions());
    }

    /** Compiles; when that fails, everything made so far is closed. */
    RoutePlan compile() {
        boolean good = false;
        try {
            order.extensions().claims().check(configuration);
            sections();
            targets();
            routes();
            Observer[] observers = observers();
            listeners(observers);
            entrances.forEach(entrance -> entrance.open(this, observers));
            RoutePlan plan = new RoutePlan(configuration, order.extensions(), sections, listeners, owned);
            good = true;
            return plan;
        } finally {
            if (!good) {
                owned.close();
            }
        }
    }

    private void sections() {
        List<Extensions.Entry<SectionFactory>> all = new ArrayList<>(order.extensions().sections().values());
        all.sort(Comparator.comparing((Extensions.Entry<SectionFactory> entry) -> entry.order())
            .thenComparing(Extensions.Entry::name));
        for (Extensions.Entry<SectionFactory> entry : all) {
            String pointer = entry.name();
            ConfPointer at = ConfPointer.parse(pointer);
            Optional<Section> previous = order.previous().flatMap(plan -> plan.section(pointer));
            Section section = Blame.call(entry, at, () ->
                entry.factory().compile(value(at), new Context.OfSection(this, at, previous)));
            owned.add(section);
            sections.put(pointer, section);
            if (section instanceof TemplateLanguage language) {
                templates.language(language);
            }
        }
    }

    private void targets() {
        order.extensions().targets().forEach((kind, entry) -> {
            ConfPointer at = ConfPointer.ROOT.child(kind);
            Context.OfSection context = new Context.OfSection(this, at, Optional.empty());
            destinations.add(kind, Blame.call(entry, at, () -> entry.factory().compile(context)));
        });
    }

    private Observer[] observers() {
        List<Observer> all = new ArrayList<>();
        for (Extensions.Entry<ObserverFactory> entry : order.extensions().observers()) {
            ConfPointer at = ConfPointer.parse(entry.name());
            Context.OfSection context = new Context.OfSection(this, at, Optional.empty());
            Optional<Conf> value = entry.name().isEmpty() ? Optional.empty() : value(at);
            Blame.call(entry, at, () -> entry.factory().compile(value, context))
                .ifPresent(observer -> all.add(new GuardedObserver(observer, new Guard(entry, log()))));
        }
        return all.toArray(Observer[]::new);
    }

    private void routes() {
        ConfPointer at = ConfPointer.ROOT.child(PassTarget.ROUTES);
        Optional<Conf> all = present(configuration, PassTarget.ROUTES);
        Map<String, Route> routes = new LinkedHashMap<>();
        // All names first: steps may refer to routes that come later.
        if (all.isPresent() && all.get() instanceof ConfArray) {
            routes.put("", new Route("routes", log()));
        } else if (all.isPresent() && all.get() instanceof ConfObject named) {
            named.members().keySet().forEach(name -> routes.put(name, new Route("routes/" + name, log())));
        }
        boolean anonymous = all.isPresent() && all.get() instanceof ConfArray;
        // An object may have a member with an empty name, but no pass can name it.
        destinations.add(PassTarget.ROUTES, (name, target) -> anonymous == name.isEmpty()
            ? Optional.ofNullable(routes.get(name.orElse(""))) : Optional.empty());
        if (all.isPresent() && all.get() instanceof ConfArray steps) {
            routes.get("").steps(steps(steps, at));
        } else if (all.isPresent() && all.get() instanceof ConfObject named) {
            for (Map.Entry<String, Conf> route : named.members().entrySet()) {
                ConfPointer place = at.child(route.getKey());
                if (!(route.getValue() instanceof ConfArray steps)) {
                    throw new RouteException(place, "A route must be an array of steps.");
                }
                routes.get(route.getKey()).steps(steps(steps, place));
            }
        }
    }

    private Route.Step[] steps(ConfArray array, ConfPointer at) {
        List<Route.Step> steps = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            ConfPointer place = at.child(i);
            if (!(array.elements().get(i) instanceof ConfObject step)) {
                throw new RouteException(place, "A route step must be an object.");
            }
            for (Map.Entry<String, Conf> member : step.members().entrySet()) {
                String name = member.getKey();
                if (!STEP.contains(name) && !(member.getValue() instanceof ConfNull)) {
                    throw RouteException.unsupported(place.child(name), name);
                }
            }
            ConfObject action = present(step, "action").filter(ConfObject.class::isInstance)
                .map(ConfObject.class::cast)
                .orElseThrow(() -> new RouteException(place, "A route step must have the \"action\" object."));
            ConfObject match = present(step, "match").filter(ConfObject.class::isInstance)
                .map(ConfObject.class::cast).orElse(ConfObject.EMPTY);
            // One that is switched off keeps its number, and is compiled, so that it can be switched on at any time.
            List<Condition> conditions = new ArrayList<>(MatchCompiler.compile(match, place.child("match"), templates));
            if (!step.bool("enabled", true)) {
                conditions.addFirst(Condition.NEVER);
            }
            steps.add(Route.Step.of(conditions, actions.compile(action, place.child("action"))));
        }
        return steps.toArray(Route.Step[]::new);
    }

    private void listeners(Observer[] observers) {
        ConfPointer http = ConfPointer.ROOT.child("settings").child("http");
        ConfObject settings = value(http).filter(ConfObject.class::isInstance).map(ConfObject.class::cast)
            .orElse(ConfObject.EMPTY);
        List<GuardedFilter> server = actions.filters(FilterFactory.Scope.SERVER, settings, http);
        configuration.object("listeners").orElse(ConfObject.EMPTY).members().forEach((address, value) -> {
            ConfPointer place = ConfPointer.ROOT.child("listeners").child(address);
            if (!(value instanceof ConfObject listener)) {
                throw new RouteException(place, "A listener must be an object.");
            }
            if (!isLeftOut(place)) {
                List<GuardedFilter> all = new ArrayList<>(server);
                all.addAll(actions.filters(FilterFactory.Scope.LISTENER, listener, place));
                Action action = pass(listener, place);
                listeners.put(address, new ListenerHandler(all.isEmpty() ? action : new Filters(all, action),
                    observers, log(), address,
                    destination(listener), actions.stream() || destinations.stream()));
            }
        });
    }

    private Action pass(ConfObject listener, ConfPointer at) {
        Optional<Conf> pass = present(listener, "pass");
        if (pass.isPresent()) {
            return destinations.pass(Patterns.string(pass.get()).orElseThrow(() ->
                new RouteException(at.child("pass"), "The \"pass\" value must be a string.")), at.child("pass"),
                templates);
        }
        String name = present(listener, "application").flatMap(Patterns::string).orElseThrow(() ->
            new RouteException(at, "The listener must have the \"pass\" option set."));
        return destinations.find(new PassTarget("applications", Optional.of(name), Optional.empty())).orElseThrow(() ->
            new RouteException(at.child("application"),
                "Listening socket is assigned for a non existing application \"" + name + "\"."));
    }

    /** What {@link #pass} has compiled, to be shown. */
    private static String destination(ConfObject listener) {
        return present(listener, "pass").flatMap(Patterns::string).orElseGet(() ->
            "applications/" + listener.string("application").orElse(""));
    }

    private Optional<Conf> value(ConfPointer at) {
        return at.resolve(configuration).filter(value -> !(value instanceof ConfNull));
    }

    static Optional<Conf> present(ConfObject object, String name) {
        return object.get(name).filter(value -> !(value instanceof ConfNull));
    }

    ConfObject configuration() {
        return configuration;
    }

    Optional<Section> section(String pointer) {
        return Optional.ofNullable(sections.get(pointer));
    }

    Entrance entrance(ConfPointer at, String name, String destination) {
        Entrance entrance = new Entrance(at, name, destination);
        entrances.add(entrance);
        return entrance;
    }

    boolean isLeftOut(ConfPointer part) {
        return order.leftOut().contains(part);
    }

    ErrorLog log() {
        return order.log();
    }

    Owned owned() {
        return owned;
    }

    Destinations destinations() {
        return destinations;
    }

    TemplateCompiler templates() {
        return templates;
    }

    ActionCompiler actions() {
        return actions;
    }
}

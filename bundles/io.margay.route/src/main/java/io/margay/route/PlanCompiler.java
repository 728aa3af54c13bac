// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.http.Exchange;
import io.margay.http.ExchangeHandler;
import io.margay.http.RequestHead;
import io.margay.http.ResponseFilter;
import io.margay.log.ErrorLog;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Compiles one configuration; used once. */
final class PlanCompiler {
    private static final Set<String> LISTENER = Set.of("pass", "application", "backlog", "tls");
    private static final Set<String> STEP = Set.of("match", "action");
    private static final Set<String> COMMON = Set.of("rewrite", "response_headers");
    private static final Set<String> PASS = Set.of("pass");
    private static final List<String> KINDS = List.of("pass", "return", "share", "proxy");

    private final ConfObject config;
    private final TargetResolver resolver;
    private final Map<String, ActionFactory> factories = new HashMap<>();
    private final Set<String> kinds = new LinkedHashSet<>(KINDS);
    private final Map<String, Route> routes = new LinkedHashMap<>();

    PlanCompiler(ConfObject config, Collection<ActionFactory> factories, TargetResolver resolver) {
        this.config = config;
        this.resolver = resolver;
        for (ActionFactory factory : factories) {
            this.factories.put(factory.option(), factory);
            kinds.add(factory.option());
        }
    }

    RoutePlan compile() {
        ConfPointer at = ConfPointer.ROOT.child("routes");
        Optional<Conf> all = present(config, "routes");
        // All names first: steps may refer to routes that come later.
        if (all.isPresent() && all.get() instanceof ConfArray) {
            routes.put("", new Route("routes"));
        } else if (all.isPresent() && all.get() instanceof ConfObject named) {
            named.members().keySet().forEach(name -> routes.put(name, new Route("routes/" + name)));
        }
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
        Map<String, ExchangeHandler> listeners = new HashMap<>();
        config.object("listeners").orElse(ConfObject.EMPTY).members().forEach((address, value) -> {
            ConfPointer place = ConfPointer.ROOT.child("listeners").child(address);
            if (!(value instanceof ConfObject listener)) {
                throw new RouteException(place, "A listener must be an object.");
            }
            listeners.put(address, listener(listener, place));
        });
        return new RoutePlan(listeners);
    }

    private ExchangeHandler listener(ConfObject listener, ConfPointer at) {
        known(listener, LISTENER, at);
        Optional<Conf> pass = present(listener, "pass");
        Action action;
        if (pass.isPresent()) {
            action = pass(pass.get(), at.child("pass"));
        } else {
            String name = present(listener, "application").flatMap(Patterns::string).orElseThrow(() ->
                new RouteException(at, "The listener must have the \"pass\" option set."));
            action = resolver.application(name, Optional.empty()).orElseThrow(() ->
                new RouteException(at.child("application"),
                    "Listening socket is assigned for a non existing application \"" + name + "\"."));
        }
        return exchange -> {
            if (exchange.settings().logRoute()) {
                logLine(exchange);
            }
            action.run(exchange);
        };
    }

    private static void logLine(Exchange exchange) {
        RequestHead head = exchange.head();
        ErrorLog.shared().notice("http request line \""
            + Bytes.latin(Bytes.view(head.array(), head.lineStart(), head.lineEnd())) + "\"");
    }

    private Route.Step[] steps(ConfArray array, ConfPointer at) {
        List<Route.Step> steps = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            ConfPointer place = at.child(i);
            if (!(array.elements().get(i) instanceof ConfObject step)) {
                throw new RouteException(place, "A route step must be an object.");
            }
            known(step, STEP, place);
            ConfObject action = present(step, "action").filter(ConfObject.class::isInstance)
                .map(ConfObject.class::cast)
                .orElseThrow(() -> new RouteException(place, "A route step must have the \"action\" object."));
            ConfObject match = present(step, "match").filter(ConfObject.class::isInstance)
                .map(ConfObject.class::cast).orElse(ConfObject.EMPTY);
            steps.add(new Route.Step(MatchCompiler.compile(match, place.child("match")),
                action(action, place.child("action"))));
        }
        return steps.toArray(Route.Step[]::new);
    }

    Action action(ConfObject action, ConfPointer at) {
        String kind = onlyKind(action, at);
        Optional<Template> rewrite = present(action, "rewrite").map(value ->
            Template.compile(text(value, at, "rewrite"), "rewrite", at.child("rewrite")));
        Optional<ResponseFilter> headers = present(action, "response_headers").map(value ->
            ResponseHeaders.compile(value, at.child("response_headers")));
        return new SelectedAction(rewrite, headers, kind(kind, action, at));
    }

    private String onlyKind(ConfObject action, ConfPointer at) {
        String found = "";
        for (String kind : kinds) {
            if (present(action, kind).isPresent()) {
                if (!found.isEmpty()) {
                    throw new RouteException(at, "The \"action\" object must have just one of \"pass\", \"return\", "
                        + "\"share\", or \"proxy\" options set.");
                }
                found = kind;
            }
        }
        if (found.isEmpty()) {
            throw new RouteException(at, "The \"action\" object must have either \"pass\", \"return\", "
                + "\"share\", or \"proxy\" option set.");
        }
        return found;
    }

    private Action kind(String kind, ConfObject action, ConfPointer at) {
        if (kind.equals("pass")) {
            knownOnly(action, PASS, at);
            return pass(action.get("pass").orElseThrow(), at.child("pass"));
        }
        ActionFactory factory = factories.get(kind);
        if (factory == null) {
            throw new RouteException(at.child(kind), "No installed bundle supports the \"" + kind + "\" action.");
        }
        knownOnly(action, factory.options(), at);
        return factory.compile(action, new Compiler(action, at));
    }

    private static void knownOnly(ConfObject action, Set<String> options, ConfPointer at) {
        for (String name : action.members().keySet()) {
            if (!options.contains(name) && !COMMON.contains(name)) {
                throw new RouteException(at, "Unknown parameter \"" + name + "\".");
            }
        }
    }

    private static void known(ConfObject object, Set<String> names, ConfPointer at) {
        for (Map.Entry<String, Conf> member : object.members().entrySet()) {
            if (!names.contains(member.getKey()) && !(member.getValue() instanceof ConfNull)) {
                throw new RouteException(at.child(member.getKey()),
                    "The option \"" + member.getKey() + "\" is not supported.");
            }
        }
    }

    private Action pass(Conf value, ConfPointer at) {
        String text = Patterns.string(value).orElseThrow(() ->
            new RouteException(at, "The \"pass\" value must be a string."));
        if (Template.isTemplate(text)) {
            Template template = Template.compile(text, "pass", at);
            return exchange -> passTo(exchange, template.evaluate(exchange));
        }
        PassTarget target = PassTarget.parse(text).orElseThrow(() ->
            new RouteException(at, "Request \"pass\" value \"" + text + "\" is invalid."));
        return resolve(target).orElseThrow(() -> new RouteException(at, target.kind().equals("upstreams")
            ? "The \"upstreams\" destination is not supported."
            : "Request \"pass\" points to invalid location \"" + text + "\"."));
    }

    private void passTo(Exchange exchange, AsciiString value) {
        String text = new String(value.array(), value.arrayOffset(), value.length(), StandardCharsets.UTF_8);
        Optional<Action> action = PassTarget.parse(text).flatMap(this::resolve);
        if (action.isPresent()) {
            action.get().run(exchange);
        } else {
            exchange.fail(404);
        }
    }

    private Optional<Action> resolve(PassTarget target) {
        return switch (target.kind()) {
            case "applications" -> resolver.application(target.name().orElseThrow(), target.target());
            case "routes" -> {
                // An object may have a member with an empty name, but no pass can name it.
                boolean anonymous = config.get("routes").filter(ConfArray.class::isInstance).isPresent();
                yield anonymous == target.name().isEmpty() ? Optional.ofNullable(routes.get(target.name().orElse("")))
                    : Optional.empty();
            }
            default -> Optional.empty();
        };
    }

    private static String text(Conf value, ConfPointer at, String option) {
        return Patterns.string(value).orElseThrow(() ->
            new RouteException(at.child(option), "The \"" + option + "\" value must be a string."));
    }

    static Optional<Conf> present(ConfObject object, String name) {
        return object.get(name).filter(value -> !(value instanceof ConfNull));
    }

    /** What an action factory sees. */
    private final class Compiler implements RouteCompiler {
        private final ConfObject object;
        private final ConfPointer at;

        Compiler(ConfObject object, ConfPointer at) {
            this.object = object;
            this.at = at;
        }

        @Override
        public Optional<Conf> member(String name) {
            return present(object, name);
        }

        @Override
        public Template template(String option, String text) {
            return Template.compile(text, option, at.child(option));
        }

        @Override
        public TextMatch patterns(String option, Conf value) {
            return Patterns.compile(value, TextPattern.Form.ANY_CASE, option, at.child(option));
        }

        @Override
        public Action action(String option, ConfObject nested) {
            return PlanCompiler.this.action(nested, at.child(option));
        }

        @Override
        public ConfObject settings() {
            return config.object("settings").flatMap(s -> s.object("http")).orElse(ConfObject.EMPTY);
        }

        @Override
        public RouteException error(String option, String reason) {
            return new RouteException(at.child(option), reason);
        }
    }
}

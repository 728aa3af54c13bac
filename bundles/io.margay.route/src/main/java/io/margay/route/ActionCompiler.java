// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Compiles action objects (spec/routing.md §5): their kind, their filters, and what all have in common. */
final class ActionCompiler {
    /** Members of action objects that no extension can have. */
    static final Set<String> OWN = Set.of("pass", "rewrite");
    /** Kinds that Unit has, in the order in which its texts name them. */
    private static final List<String> UNIT = List.of("pass", "return", "share", "proxy");

    private final PlanCompiler plan;
    private final Extensions extensions;
    private final Set<String> kinds = new LinkedHashSet<>(UNIT);
    private boolean stream;

    ActionCompiler(PlanCompiler plan, Extensions extensions) {
        this.plan = plan;
        this.extensions = extensions;
        kinds.addAll(extensions.actions().keySet());
    }

    Action compile(ConfObject action, ConfPointer at) {
        String kind = onlyKind(action, at);
        Optional<Template> rewrite = PlanCompiler.present(action, "rewrite").map(value ->
            plan.templates().compile(Patterns.string(value).orElseThrow(() -> new RouteException(at.child("rewrite"),
                "The \"rewrite\" value must be a string.")), "rewrite", at.child("rewrite")));
        Action selected = kind(kind, action, at);
        Filters filters = new Filters(filters(FilterFactory.Scope.ACTION, action, at), selected);
        return new SelectedAction(rewrite, filters, !extensions.observers().isEmpty(), plan.log(),
            new SelectedAction.Source(at, kind, action));
    }

    /** Whether one of those compiled so far takes requests before their bodies have arrived. */
    boolean stream() {
        return stream;
    }

    /** Compiles the filters that an object has, in the order in which requests meet them. */
    List<GuardedFilter> filters(FilterFactory.Scope scope, ConfObject object, ConfPointer at) {
        List<GuardedFilter> all = new ArrayList<>();
        for (Extensions.Entry<FilterFactory> entry : extensions.filters(scope)) {
            Optional<Conf> given = PlanCompiler.present(object, entry.name()).or(() ->
                Blame.call(entry, at, () -> entry.factory().implied(plan.configuration())));
            given.ifPresent(value -> {
                Filter filter = Blame.call(entry, at.child(entry.name()), () ->
                    entry.factory().compile(value, new Context.OfObject(plan, object, at)));
                all.add(new GuardedFilter(filter, new Guard(entry, plan.log())));
            });
        }
        return all;
    }

    private String onlyKind(ConfObject action, ConfPointer at) {
        String found = "";
        for (String kind : kinds) {
            if (PlanCompiler.present(action, kind).isPresent()) {
                if (!found.isEmpty()) {
                    throw new RouteException(at,
                        "The \"action\" object must have just one of " + names() + " options set.");
                }
                found = kind;
            }
        }
        if (found.isEmpty()) {
            throw new RouteException(at, "The \"action\" object must have either " + names() + " option set.");
        }
        return found;
    }

    /** {@code "a", "b", or "c"}. */
    private String names() {
        StringBuilder text = new StringBuilder();
        int left = kinds.size();
        for (String kind : kinds) {
            text.append(--left == 0 ? "or \"" : "\"").append(kind).append(left == 0 ? "\"" : "\", ");
        }
        return text.toString();
    }

    private Action kind(String kind, ConfObject action, ConfPointer at) {
        if (kind.equals("pass")) {
            known(action, Set.of(), at);
            return plan.destinations().pass(Patterns.string(action.get("pass").orElseThrow()).orElseThrow(() ->
                new RouteException(at.child("pass"), "The \"pass\" value must be a string.")), at.child("pass"),
                plan.templates());
        }
        Extensions.Entry<ActionFactory> entry = extensions.actions().get(kind);
        if (entry == null) {
            throw RouteException.unsupported(at.child(kind), kind);
        }
        known(action, extensions.options(kind), at);
        Action made = Blame.call(entry, at, () ->
            entry.factory().compile(action, new Context.OfObject(plan, action, at)));
        stream |= made.streams();
        return new GuardedAction(made, new Guard(entry, plan.log()));
    }

    private void known(ConfObject action, Set<String> options, ConfPointer at) {
        for (Map.Entry<String, Conf> member : action.members().entrySet()) {
            String name = member.getKey();
            if (options.contains(name) || OWN.contains(name) || isFilter(name)) {
                continue;
            }
            if (kinds.stream().anyMatch(kind -> extensions.options(kind).contains(name))) {
                throw new RouteException(at, "Unknown parameter \"" + name + "\".");
            }
            if (!(member.getValue() instanceof ConfNull)) {
                throw RouteException.unsupported(at.child(name), name);
            }
        }
    }

    private boolean isFilter(String name) {
        return extensions.filters(FilterFactory.Scope.ACTION).stream().anyMatch(entry -> entry.name().equals(name));
    }
}

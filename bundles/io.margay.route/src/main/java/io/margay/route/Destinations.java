// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.ConfPointer;
import io.margay.conf.ConfText;
import io.netty.util.AsciiString;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The destinations of {@code pass} in one plan (spec/routing.md §2). Filled while the plan is compiled. */
final class Destinations {
    /** Kinds that Unit has, with or without a bundle for them. */
    private static final Set<String> UNIT = Set.of("applications", "upstreams");

    private final Map<String, Targets> targets = new HashMap<>();

    void add(String kind, Targets all) {
        targets.put(kind, all);
    }

    /** Whether some take requests before their bodies have arrived. */
    boolean stream() {
        return targets.values().stream().anyMatch(Targets::stream);
    }

    Action pass(String text, ConfPointer at, TemplateCompiler templates) {
        if (Template.isTemplate(text)) {
            return new TemplatePass(templates.compile(text, "pass", at), this);
        }
        PassTarget target = PassTarget.parse(text)
            .filter(pass -> UNIT.contains(pass.kind()) || targets.containsKey(pass.kind()))
            .orElseThrow(() -> new RouteException(at, "Request \"pass\" value \"" + text + "\" is invalid."));
        if (!targets.containsKey(target.kind())) {
            throw RouteException.unsupported(at, target.kind());
        }
        return find(target).orElseThrow(() ->
            new RouteException(at, "Request \"pass\" points to invalid location \"" + text + "\"."));
    }

    /** What the value of a template names for one request; empty if there is no such destination. */
    Optional<Action> find(AsciiString value) {
        return PassTarget.parse(text(value)).flatMap(this::find);
    }

    static String text(AsciiString value) {
        return ConfText.decode(value.array(), value.arrayOffset(), value.arrayOffset() + value.length());
    }

    Optional<Action> find(PassTarget target) {
        Targets all = targets.get(target.kind());
        return all == null ? Optional.empty() : all.find(target.name(), target.target());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.Percent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** References from one part of the configuration to another ({@code spec/configuration.md §8}). */
final class PassChecks {
    private static final String ROUTES = "routes";

    private PassChecks() {
    }

    /** A {@code pass} value leads to something that exists. */
    static void pass(Subject at) throws Invalid {
        String text = at.text();
        List<String> segments = new ArrayList<>();
        for (String part : text.split("/", -1)) {
            Optional<String> segment = Percent.decode(part, false);
            Checks.require(!part.isEmpty() && segment.isPresent() && segments.size() < 3, at,
                "Request \"pass\" value \"" + text + "\" is invalid.");
            segments.add(segment.orElse(""));
        }
        Optional<ConfObject> target = Optional.ofNullable(at.run().targets().get(segments.getFirst()));
        Checks.require(target.map(kind -> isThere(at.run().root(), kind, segments))
            .orElse(isRoute(at.run().root(), segments)), at,
            "Request \"pass\" points to invalid location \"" + text + "\".");
        if (target.isPresent()) {
            String reader = target.get().string("reader").orElseThrow();
            if (!at.run().facts().reads(reader)) {
                throw at.unsupported(segments.getFirst(), reader);
            }
        }
    }

    private static boolean isRoute(ConfObject root, List<String> segments) {
        if (!segments.getFirst().equals(ROUTES)) {
            return false;
        }
        return segments.size() == 1 ? root.get(ROUTES).orElse(null) instanceof ConfArray
            : segments.size() == 2 && member(root, ROUTES, segments.get(1)).isPresent();
    }

    /**
     * Whether there is what a destination of a bundle names: where it says {@code in}, a member of that top-level
     * object, and with a third word a member of that member's {@code parts}. Other names are for the bundle to judge.
     */
    private static boolean isThere(ConfObject root, ConfObject kind, List<String> segments) {
        Optional<String> container = kind.string("in");
        if (segments.size() == 1 || container.isEmpty()) {
            return container.isEmpty();
        }
        Optional<Conf> named = member(root, container.get(), segments.get(1));
        return segments.size() == 2 ? named.isPresent()
            : kind.string("parts").isPresent() && named.filter(ConfObject.class::isInstance).map(ConfObject.class::cast)
                .flatMap(object -> member(object, kind.string("parts").get(), segments.get(2))).isPresent();
    }

    private static Optional<Conf> member(ConfObject object, String container, String name) {
        return object.object(container).flatMap(members -> members.get(name));
    }

    /**
     * A string names a member of a top-level object, where it begins with what stands before such names.
     *
     * @param told {@code in}, the object; {@code after}, the text before a name, none if absent
     */
    static Rule memberOf(ConfObject told, Texts texts) {
        String container = told.string("in").orElseThrow(() -> new SchemaException("\"memberOf\" lacks \"in\""));
        String before = told.string("after").orElse("");
        return at -> {
            String name = at.text().startsWith(before) ? at.text().substring(before.length()) : "";
            if (at.text().startsWith(before) && member(at.run().root(), container, name).isEmpty()) {
                throw at.invalid(Words.fill(texts.own("memberOf").orElse("The \"{name}\" value names \"{value}\" of \""
                    + container + "\", which does not exist."), at.name(), name));
            }
        };
    }

    /** The old way to name an application in a listener. */
    static void application(Subject at) throws Invalid {
        Checks.require(member(at.run().root(), "applications", at.text()).isPresent(), at,
            "Listening socket is assigned for a non existing application \"" + at.text() + "\".");
    }
}

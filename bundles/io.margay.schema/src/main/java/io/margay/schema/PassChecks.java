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
        Checks.require(leadsSomewhere(at.run().root(), segments), at,
            "Request \"pass\" points to invalid location \"" + text + "\".");
    }

    private static boolean leadsSomewhere(ConfObject root, List<String> segments) {
        return switch (segments.size()) {
            case 1 -> segments.getFirst().equals("routes") && root.get("routes").orElse(null) instanceof ConfArray;
            case 2 -> List.of("applications", "upstreams", "routes").contains(segments.getFirst())
                && member(root, segments.get(0), segments.get(1)).isPresent();
            default -> segments.getFirst().equals("applications")
                && member(root, segments.get(0), segments.get(1)).filter(ConfObject.class::isInstance)
                    .map(ConfObject.class::cast).flatMap(app -> member(app, "targets", segments.get(2))).isPresent();
        };
    }

    private static Optional<Conf> member(ConfObject object, String container, String name) {
        return object.object(container).flatMap(members -> members.get(name));
    }

    /** The old way to name an application in a listener. */
    static void application(Subject at) throws Invalid {
        Checks.require(member(at.run().root(), "applications", at.text()).isPresent(), at,
            "Listening socket is assigned for a non existing application \"" + at.text() + "\".");
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.util.List;
import java.util.Set;

/** Finds the values of a configuration that stand where a rule of a schema does. */
final class Places {
    private static final String ANY = "*";

    private Places() {
    }

    /**
     * Adds the strings at a place, and those of an array there.
     *
     * @param root where the place begins
     * @param place as {@link Option#path} has it: names, {@code *} for free ones, variants in angle brackets
     * @param found takes the strings
     */
    static void strings(Conf root, String place, Set<String> found) {
        // The members of a variant are members of the object itself.
        List<String> segments = List.of(place.replaceAll("<[^>]*>", "").substring(1).split("/"));
        at(root, segments, found);
    }

    private static void at(Conf value, List<String> rest, Set<String> found) {
        if (rest.isEmpty()) {
            text(value, found);
            return;
        }
        List<String> below = rest.subList(1, rest.size());
        if (value instanceof ConfArray array && rest.getFirst().equals(ANY)) {
            array.elements().forEach(element -> at(element, below, found));
        } else if (value instanceof ConfObject object && rest.getFirst().equals(ANY)) {
            object.members().values().forEach(member -> at(member, below, found));
        } else if (value instanceof ConfObject object) {
            object.get(rest.getFirst()).ifPresent(member -> at(member, below, found));
        }
    }

    private static void text(Conf value, Set<String> found) {
        if (value instanceof ConfString string) {
            found.add(string.value());
        } else if (value instanceof ConfArray array) {
            array.elements().forEach(element -> text(element, found));
        }
    }
}

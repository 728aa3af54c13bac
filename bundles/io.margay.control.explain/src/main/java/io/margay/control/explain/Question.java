// SPDX-License-Identifier: Apache-2.0
package io.margay.control.explain;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.control.RequestQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** What the parameters of a request to explain say, as the router reads it. */
final class Question {
    private static final Set<String> SINGLE = Set.of("listener", "method", "host", "uri", "scheme", "source",
        "destination");
    private static final String HEADER = "header.";

    private Question() {
    }

    /**
     * Reads the parameters.
     *
     * @throws IllegalArgumentException when one of them is not known, or there twice; a misspelt one would mislead
     */
    static ConfObject of(RequestQuery query) {
        ConfObject.Builder question = ConfObject.builder();
        List<Conf> headers = new ArrayList<>();
        // In an order that does not change from call to call.
        new TreeMap<>(query.parameters()).forEach((name, values) -> {
            if (SINGLE.contains(name)) {
                if (values.size() != 1) {
                    throw new IllegalArgumentException("The parameter \"" + name + "\" is there "
                        + values.size() + " times.");
                }
                question.put(name, values.getFirst());
            } else if (name.equals("cookie")) {
                values.forEach(value -> headers.add(header("Cookie", value)));
            } else if (name.startsWith(HEADER) && name.length() > HEADER.length()) {
                values.forEach(value -> headers.add(header(name.substring(HEADER.length()), value)));
            } else {
                throw new IllegalArgumentException("Unknown parameter \"" + name + "\".");
            }
        });
        return question.put("headers", new ConfArray(headers)).build();
    }

    private static Conf header(String name, String value) {
        return new ConfArray(List.of(Conf.of(name), Conf.of(value)));
    }
}

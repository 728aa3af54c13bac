// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parameters behind the question mark of a request target, decoded. As in Unit, those that a resource does not know
 * have no meaning; a broken escape stays as it is written. The size is bounded by that of the request head.
 *
 * @param parameters values in order of arrival by name, the empty text where there is no {@code =}; unmodifiable
 */
public record RequestQuery(Map<String, List<String>> parameters) {

    /** Copies the map. */
    public RequestQuery {
        parameters = Map.copyOf(parameters);
    }

    /** Reads the query of a request target, which may have none. */
    public static RequestQuery of(String target) {
        int end = target.indexOf('#') < 0 ? target.length() : target.indexOf('#');
        int start = target.indexOf('?');
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        if (start >= 0 && start < end) {
            for (String part : target.substring(start + 1, end).split("&")) {
                int equals = part.indexOf('=') < 0 ? part.length() : part.indexOf('=');
                if (!part.isEmpty()) {
                    parameters.computeIfAbsent(decoded(part.substring(0, equals)), name -> new ArrayList<>())
                        .add(decoded(part.substring(Math.min(part.length(), equals + 1))));
                }
            }
        }
        return new RequestQuery(parameters);
    }

    private static String decoded(String text) {
        return ControlPath.decodeFully(text.replace('+', ' '));
    }

    /** True when the parameter is there, with or without a value. */
    public boolean has(String name) {
        return parameters.containsKey(name);
    }

    /** All values of a parameter. */
    public List<String> values(String name) {
        return parameters.getOrDefault(name, List.of());
    }
}

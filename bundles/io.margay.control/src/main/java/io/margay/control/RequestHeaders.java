// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The header fields of a request; as many as fit {@link ControlLimits#headerBytes}.
 *
 * @param fields values in order of arrival by name in lower case; an unmodifiable copy
 */
public record RequestHeaders(Map<String, List<String>> fields) {

    /** No field at all. */
    public static final RequestHeaders NONE = new RequestHeaders(Map.of());

    /** Copies the map. */
    public RequestHeaders {
        Map<String, List<String>> copy = new LinkedHashMap<>();
        fields.forEach((name, values) -> copy.put(name.toLowerCase(Locale.ROOT), List.copyOf(values)));
        fields = Map.copyOf(copy);
    }

    /**
     * The value of a field; several of one name are joined by commas, as lists of HTTP are.
     *
     * @param name in any case
     */
    public Optional<String> get(String name) {
        return Optional.ofNullable(fields.get(name.toLowerCase(Locale.ROOT))).map(values -> String.join(", ", values));
    }
}

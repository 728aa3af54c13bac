// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Percent;
import java.util.Optional;

/**
 * A destination of {@code pass} (spec/routing.md §2).
 *
 * @param kind the first segment, such as {@code applications}, {@code upstreams} or {@code routes}
 * @param name the second segment; empty for {@code routes} alone
 * @param target the third segment
 */
public record PassTarget(String kind, Optional<String> name, Optional<String> target) {
    static final String ROUTES = "routes";

    /** Reads a destination; empty if the text is none. */
    public static Optional<PassTarget> parse(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length > 3) {
            return Optional.empty();
        }
        for (int i = 0; i < parts.length; i++) {
            Optional<String> decoded = Percent.decode(parts[i], false);
            if (decoded.isEmpty() || parts[i].isEmpty()) {
                return Optional.empty();
            }
            parts[i] = decoded.get();
        }
        PassTarget pass = new PassTarget(parts[0], parts.length > 1 ? Optional.of(parts[1]) : Optional.empty(),
            parts.length > 2 ? Optional.of(parts[2]) : Optional.empty());
        boolean good = switch (parts[0]) {
            case "applications" -> parts.length >= 2;
            case "upstreams" -> parts.length == 2;
            case ROUTES -> parts.length <= 2;
            // What else there is depends on what is installed.
            default -> true;
        };
        return good ? Optional.of(pass) : Optional.empty();
    }
}

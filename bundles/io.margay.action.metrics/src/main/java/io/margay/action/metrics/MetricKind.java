// SPDX-License-Identifier: Apache-2.0
package io.margay.action.metrics;

import io.margay.http.Timings;
import java.util.Locale;
import java.util.function.Function;

/** What is counted by name. */
enum MetricKind {
    /** By address. */
    LISTENER(Timings::listener),
    /** By the JSON Pointer of the action that was chosen last. */
    ROUTE(Timings::route),
    /** By name. */
    APPLICATION(Timings::application),
    /** By the address of the server. */
    UPSTREAM(Timings::upstream);

    private final Function<Timings, String> name;

    MetricKind(Function<Timings, String> name) {
        this.name = name;
    }

    /** The name that an exchange has for this kind; empty if none. */
    String of(Timings timings) {
        return name.apply(timings);
    }

    /** As labels and names of metrics have it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}

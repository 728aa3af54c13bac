// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.control.RequestQuery;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a change of the configuration is to be carried out, from the query of its request.
 *
 * @param dryRun only say what it would do
 * @param confirmSeconds take it back after so many seconds unless it is confirmed
 */
record ChangeQuery(boolean dryRun, OptionalInt confirmSeconds) {
    private static final String DRY_RUN = "dry-run";
    private static final String CONFIRM = "confirm";
    private static final int MAX_SECONDS = 3600;

    /** Whether a query holds any of these parameters, well-formed or not. */
    static boolean any(RequestQuery query) {
        return query.has(DRY_RUN) || query.has(CONFIRM);
    }

    /** Why the parameters cannot be understood, for the client; nothing may be changed then. */
    static Optional<String> problem(RequestQuery query) {
        List<String> dry = query.values(DRY_RUN);
        if (dry.size() > 1 || !dry.stream().allMatch(value -> List.of("", "true", "false").contains(value))) {
            return Optional.of("The parameter \"dry-run\" must be \"true\" or \"false\", and be given once.");
        }
        List<String> confirm = query.values(CONFIRM);
        if (confirm.size() > 1 || !confirm.stream().allMatch(ChangeQuery::isSeconds)) {
            return Optional.of("The parameter \"confirm\" must be a number of seconds from 1 to " + MAX_SECONDS
                + ", and be given once.");
        }
        return Optional.empty();
    }

    private static boolean isSeconds(String value) {
        return value.matches("[0-9]{1,4}") && Integer.parseInt(value) >= 1 && Integer.parseInt(value) <= MAX_SECONDS;
    }

    /** Reads a query without a {@link #problem}. */
    static ChangeQuery of(RequestQuery query) {
        List<String> confirm = query.values(CONFIRM);
        return new ChangeQuery(query.has(DRY_RUN) && !query.values(DRY_RUN).contains("false"),
            confirm.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(confirm.getFirst())));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Finds the first matching step of a long route without a walk over all of them: those that want one of some hosts are
 * found by the host, those that want a path with a fixed beginning by the path; the rest is walked through. The result
 * is that of the walk, failures included: a step whose test may fail is never tested before one in front of it.
 */
final class StepIndex {
    /** Shorter routes are faster to walk through. */
    private static final int FEWEST = 16;
    private static final int[] NONE = {};

    private final Route.Step[] steps;
    private final Map<AsciiString, int[]> hosts = new HashMap<>();
    private final Optional<PrefixTable> paths;
    private final int[] others;

    private StepIndex(Route.Step[] steps, Map<AsciiString, List<Integer>> byHost,
                      Map<AsciiString, List<Integer>> byPath, List<Integer> others) {
        this.steps = steps;
        byHost.forEach((host, all) -> hosts.put(host, ints(all)));
        this.paths = byPath.isEmpty() ? Optional.empty() : Optional.of(new PrefixTable(byPath));
        this.others = ints(others);
    }

    /** The index of a route; empty if it would not help. */
    static Optional<StepIndex> of(Route.Step[] steps) {
        if (steps.length < FEWEST) {
            return Optional.empty();
        }
        Map<AsciiString, List<Integer>> byHost = new HashMap<>();
        Map<AsciiString, List<Integer>> byPath = new TreeMap<>();
        List<Integer> others = new ArrayList<>();
        for (int i = 0; i < steps.length; i++) {
            List<Condition> conditions = steps[i].conditions();
            List<AsciiString> names = hosts(conditions);
            List<AsciiString> beginnings = names.isEmpty() ? beginnings(conditions) : List.of();
            if (!names.isEmpty()) {
                add(byHost, names, i);
            } else if (!beginnings.isEmpty()) {
                add(byPath, beginnings, i);
            } else if (conditions.isEmpty() || conditions.getFirst() != Condition.NEVER) {
                others.add(i);
            }
        }
        return steps.length - others.size() < FEWEST ? Optional.empty()
            : Optional.of(new StepIndex(steps, byHost, byPath, others));
    }

    private static void add(Map<AsciiString, List<Integer>> index, List<AsciiString> keys, int step) {
        keys.stream().distinct().forEach(key -> index.computeIfAbsent(key, k -> new ArrayList<>(1)).add(step));
    }

    /** The hosts one of which the request must have; empty if that is not known before another test may fail. */
    private static List<AsciiString> hosts(List<Condition> conditions) {
        for (Condition condition : conditions) {
            if (condition.mayFail()) {
                return List.of();
            }
            if (condition.name().equals("host")) {
                List<Optional<AsciiString>> all = condition.text().orElseThrow().positive().stream()
                    .map(TextPattern::exact).toList();
                return all.stream().allMatch(Optional::isPresent) ? all.stream().map(Optional::get).toList()
                    : List.of();
            }
        }
        return List.of();
    }

    /** The beginnings one of which the path must have; only of steps whose test never fails. */
    private static List<AsciiString> beginnings(List<Condition> conditions) {
        if (conditions.stream().anyMatch(condition -> condition.mayFail() || condition == Condition.NEVER)) {
            return List.of();
        }
        List<AsciiString> all = conditions.stream().filter(condition -> condition.name().equals("uri"))
            .flatMap(condition -> condition.text().orElseThrow().positive().stream()).map(TextPattern::prefix).toList();
        return all.stream().anyMatch(AsciiString::isEmpty) ? List.of() : all;
    }

    private static int[] ints(List<Integer> all) {
        return all.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The number of the first step that matches, or -1. */
    int find(Exchange exchange) {
        int best = paths.isPresent() ? paths.get().first(exchange.request().path(), steps, exchange)
            : Integer.MAX_VALUE;
        int[] own = hosts.getOrDefault(exchange.request().host(), NONE);
        int left = 0;
        int right = 0;
        while (true) {
            int a = left < own.length ? own[left] : Integer.MAX_VALUE;
            int b = right < others.length ? others[right] : Integer.MAX_VALUE;
            int next = Math.min(a, b);
            if (next >= best) {
                return best == Integer.MAX_VALUE ? -1 : best;
            }
            if (steps[next].matches(exchange)) {
                return next;
            }
            left += a == next ? 1 : 0;
            right += b == next ? 1 : 0;
        }
    }
}

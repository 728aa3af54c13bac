// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import io.margay.log.ErrorLog;
import java.util.List;

/** A list of steps; the first whose conditions hold decides. Its steps are set once, after all routes are known. */
final class Route implements Action {

    /** One step: all conditions must hold. Requests meet the matches; the conditions say what those are. */
    record Step(Match[] matches, List<Condition> conditions, Action action) {
        static Step of(List<Condition> conditions, Action action) {
            return new Step(conditions.stream().map(Condition::match).toArray(Match[]::new), List.copyOf(conditions),
                action);
        }

        boolean matches(Exchange exchange) {
            for (Match match : matches) {
                if (!match.test(exchange)) {
                    return false;
                }
            }
            return true;
        }
    }

    private final String name;
    private final ErrorLog log;
    private Step[] steps = {};

    /** Creates an empty route; {@code name} is its path in the configuration. */
    Route(String name, ErrorLog log) {
        this.name = name;
        this.log = log;
    }

    void steps(Step[] all) {
        steps = all;
    }

    String name() {
        return name;
    }

    Step[] steps() {
        return steps;
    }

    @Override
    public void run(Exchange exchange) {
        boolean logged = exchange.settings().logRoute();
        for (int i = 0; i < steps.length; i++) {
            boolean selected;
            try {
                selected = steps[i].matches(exchange);
            } catch (MatchLimitException e) {
                log.error("\"" + name + "/" + i + "\" could not be matched: " + e.getMessage());
                exchange.fail(500);
                return;
            }
            if (logged) {
                log(i, selected);
            }
            if (selected) {
                steps[i].action.run(exchange);
                return;
            }
        }
        exchange.fail(404);
    }

    @Override
    public boolean streams() {
        return true;
    }

    private void log(int step, boolean selected) {
        String text = "\"" + name + "/" + step + "\" " + (selected ? "selected" : "discarded");
        if (selected) {
            log.notice(text);
        } else {
            log.info(text);
        }
    }
}

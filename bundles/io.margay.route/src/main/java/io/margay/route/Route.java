// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import io.margay.http.ReportedException;
import io.margay.log.ErrorLog;
import java.util.List;
import java.util.Optional;

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
    private final Throttle throttle = new Throttle();
    private Step[] steps = {};
    private Optional<StepIndex> index = Optional.empty();

    /** Creates an empty route; {@code name} is its path in the configuration. */
    Route(String name, ErrorLog log) {
        this.name = name;
        this.log = log;
    }

    void steps(Step[] all) {
        steps = all;
        index = StepIndex.of(all);
    }

    String name() {
        return name;
    }

    Step[] steps() {
        return steps;
    }

    @Override
    public void run(Exchange exchange) {
        Step selected;
        try {
            selected = find(exchange);
        } catch (MatchLimitException e) {
            if (throttle.passes()) {
                log.error("\"" + name + "/" + failing(exchange) + "\" could not be matched: " + e.getMessage());
            }
            exchange.fail(500);
            return;
        } catch (ReportedException e) {
            exchange.fail(500);
            return;
        }
        if (selected == null) {
            exchange.fail(404);
        } else {
            selected.action.run(exchange);
        }
    }

    /** The step that cannot be tested: the first one, since an index tests none in front of it. */
    private int failing(Exchange exchange) {
        int i = 0;
        try {
            while (i < steps.length - 1 && !steps[i].matches(exchange)) {
                i++;
            }
        } catch (MatchLimitException e) {
            return i;
        }
        return i;
    }

    /** The first step whose conditions hold, or null. */
    private Step find(Exchange exchange) {
        boolean logged = exchange.settings().logRoute();
        if (index.isPresent() && !logged) {
            int found = index.get().find(exchange);
            return found < 0 ? null : steps[found];
        }
        for (int i = 0; i < steps.length; i++) {
            boolean selected = steps[i].matches(exchange);
            if (logged) {
                log(i, selected);
            }
            if (selected) {
                return steps[i];
            }
        }
        return null;
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

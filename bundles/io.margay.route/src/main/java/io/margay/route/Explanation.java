// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.http.ReportedException;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The way of one assumed request, written down: a walk over what requests are routed with, by itself, so that those
 * are not burdened with it. Used once.
 */
final class Explanation {
    /** Steps that are written down; of those beyond only the chosen ones are. */
    private static final int MOST = 1000;
    private static final int MOST_HOPS = 256;

    private final AssumedExchange exchange;
    private final List<Conf> steps = new ArrayList<>();
    private final List<Conf> actions = new ArrayList<>();
    private int omitted;
    private String destination;

    Explanation(AssumedExchange exchange) {
        this.exchange = exchange;
        this.destination = "";
    }

    /**
     * Writes the way through a listener.
     *
     * @return {@code listener}, {@code destination}, {@code filters}, the {@code steps} that were tried, the
     *     {@code actions} that were met, and the {@code result}: the last action, or the status of the error page
     */
    ConfObject of(ListenerHandler listener) {
        AssumedRequest request = exchange.request();
        ConfObject.Builder told = ConfObject.builder().put("listener", request.listener())
            .put("request", ConfObject.builder().put("method", Condition.shown(request.method()))
                .put("scheme", Condition.shown(request.scheme())).put("host", Condition.shown(request.host()))
                .put("path", Condition.shown(request.path())).put("source", Condition.shown(request.remote())).build())
            .put("pass", listener.destination());
        destination = listener.destination();
        Action first = listener.action();
        if (first instanceof Filters filters) {
            told.put("filters", names(filters));
            first = filters.action();
        }
        ConfObject result = result(first);
        told.put("steps", new ConfArray(steps));
        if (omitted > 0) {
            told.put("omitted", omitted);
        }
        return told.put("actions", new ConfArray(actions)).put("result", result).build();
    }

    private static ConfArray names(Filters filters) {
        return new ConfArray(filters.names().stream().map(name -> (Conf) Conf.of(name)).toList());
    }

    private ConfObject result(Action first) {
        try {
            return walk(first);
        } catch (MatchLimitException e) {
            return end(500, e.getMessage());
        } catch (ReportedException e) {
            return end(500, "a script failed: " + e.getCause().getMessage());
        } catch (UnsupportedOperationException e) {
            return ConfObject.builder().put("reason", "cannot be told: " + e.getMessage()).build();
        }
    }

    private ConfObject walk(Action first) {
        Action next = first;
        while (true) {
            switch (next) {
                case Route route -> {
                    Optional<Action> chosen = step(route);
                    if (chosen.isEmpty()) {
                        return end(404, "no step of \"" + route.name() + "\" matched");
                    }
                    next = chosen.get();
                }
                case SelectedAction action -> {
                    if (exchange.hop() > MOST_HOPS) {
                        return end(500, "passed on more than " + MOST_HOPS + " times");
                    }
                    if (!told(action)) {
                        return end(500, "the rewritten URI is invalid");
                    }
                    if (!action.source().kind().equals("pass")) {
                        return ConfObject.builder().put("action", action.source().kind()).build();
                    }
                    destination = action.source().object().string("pass").orElse("");
                    next = action.filters().action();
                }
                case TemplatePass pass -> {
                    AsciiString value = pass.evaluate(exchange);
                    destination = Destinations.text(value);
                    Optional<Action> found = pass.find(value);
                    if (found.isEmpty()) {
                        return end(404, "\"" + destination + "\" is no destination");
                    }
                    next = found.get();
                }
                default -> {
                    return passed();
                }
            }
        }
    }

    private static ConfObject end(int status, String reason) {
        return ConfObject.builder().put("status", status).put("reason", reason).build();
    }

    private ConfObject passed() {
        ConfObject.Builder result = ConfObject.builder().put("action", "pass").put("pass", destination);
        PassTarget.parse(destination).filter(target -> target.kind().equals("applications")).ifPresent(target -> {
            target.name().ifPresent(name -> result.put("application", name));
            target.target().ifPresent(name -> result.put("target", name));
        });
        return result.build();
    }

    /** Tries the steps of a route, as {@link Route#run} does. */
    private Optional<Action> step(Route route) {
        Route.Step[] all = route.steps();
        for (int i = 0; i < all.length; i++) {
            List<Conf> tested = new ArrayList<>();
            boolean matches = true;
            for (Condition condition : all[i].conditions()) {
                if (matches) {
                    ConfObject told = condition.explain(exchange);
                    tested.add(told);
                    matches = told.bool("matched", false);
                }
            }
            if (matches || steps.size() < MOST) {
                steps.add(ConfObject.builder().put("step", route.name() + "/" + i).put("matched", matches)
                    .put("conditions", new ConfArray(tested)).build());
            } else {
                omitted++;
            }
            if (matches) {
                return Optional.of(all[i].action());
            }
        }
        return Optional.empty();
    }

    private boolean told(SelectedAction action) {
        SelectedAction.Source source = action.source();
        boolean valid = action.rewrite(exchange);
        ConfObject.Builder told = ConfObject.builder().put("at", source.at().toString()).put("kind", source.kind())
            .put("action", source.object());
        if (source.object().has("rewrite") && valid) {
            told.put("path", Condition.shown(exchange.request().path()));
        }
        if (!action.filters().isEmpty()) {
            told.put("filters", names(action.filters()));
        }
        actions.add(told.build());
        return valid;
    }
}

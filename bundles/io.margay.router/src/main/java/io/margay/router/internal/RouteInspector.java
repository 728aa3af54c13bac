// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.route.RoutePlan;
import io.margay.status.AskedInspector;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

/** The inspector {@code explain}: the way that a request would take through the plan in force. On the control loop. */
final class RouteInspector implements AskedInspector {

    private final Supplier<Optional<RoutePlan>> plan;

    /** Looks into the plan in force. */
    RouteInspector(Supplier<Optional<RoutePlan>> plan) {
        this.plan = plan;
    }

    @Override
    public String name() {
        return "explain";
    }

    @Override
    public Conf dump() {
        return ConfObject.builder().put("usage", "GET /control/explain?listener=...&host=...&uri=...").build();
    }

    @Override
    public Conf answer(String question) {
        RoutePlan now = plan.get().orElseThrow(() -> new IllegalArgumentException("Nothing is served yet."));
        try {
            if (ConfParser.parse(question.getBytes(StandardCharsets.UTF_8)) instanceof ConfObject request) {
                return now.explain(request);
            }
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException(e.detail(), e);
        }
        throw new IllegalArgumentException("The question is no object.");
    }
}

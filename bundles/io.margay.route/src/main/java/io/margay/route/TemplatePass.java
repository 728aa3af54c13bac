// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import io.margay.http.ReportedException;
import io.netty.util.AsciiString;
import java.util.Optional;

/** A {@code pass} that names another destination for each request. */
final class TemplatePass implements Action {
    private final Template template;
    private final Destinations destinations;

    TemplatePass(Template template, Destinations destinations) {
        this.template = template;
        this.destinations = destinations;
    }

    /** The destination that it names for a request. */
    AsciiString evaluate(Exchange exchange) {
        return template.evaluate(exchange);
    }

    Optional<Action> find(AsciiString destination) {
        return destinations.find(destination);
    }

    @Override
    public void run(Exchange exchange) {
        Optional<Action> action;
        try {
            action = find(evaluate(exchange));
        } catch (ReportedException e) {
            exchange.fail(500);
            return;
        }
        if (action.isPresent()) {
            BodyWait.run(action.get(), exchange);
        } else {
            exchange.fail(404);
        }
    }

    @Override
    public boolean streams() {
        return true;
    }
}

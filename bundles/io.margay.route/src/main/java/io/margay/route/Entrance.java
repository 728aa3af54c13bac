// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.ConfPointer;
import io.margay.http.Exchange;
import io.margay.http.ExchangeHandler;

/** A way into a plan that a section has asked for, before there were destinations. */
final class Entrance implements ExchangeHandler {
    private final ConfPointer at;
    private final String name;
    private final String destination;
    /** Set while the plan is compiled, on the control thread; requests come from loops that it has told later. */
    private ListenerHandler handler;

    Entrance(ConfPointer at, String name, String destination) {
        this.at = at;
        this.name = name;
        this.destination = destination;
    }

    /** Finds the destination. */
    void open(PlanCompiler plan, Observer[] observers) {
        Action action = plan.destinations().pass(destination, at, plan.templates());
        handler = new ListenerHandler(action, observers, plan.log(), name, destination, false);
    }

    @Override
    public void handle(Exchange exchange) {
        handler.handle(exchange);
    }

    @Override
    public void refused(Exchange exchange) {
        handler.refused(exchange);
    }
}

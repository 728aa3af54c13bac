// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.control.ServerControl;

/** Listeners and route steps, the way that a request would take, and the switches of both. */
final class RoutesPage implements Page {
    private static final String EXPLAIN = "explain/";
    /** An encoded query and nothing that could end the line of the request. */
    private static final String QUERY = "[A-Za-z0-9%&=._~*-]{0,12000}";

    private final ServerControl control;

    RoutesPage(ServerControl control) {
        this.control = control;
    }

    @Override
    public String label() {
        return "routes";
    }

    @Override
    public ConfObject data() {
        return StatusPages.configured(control, "listeners", "routes").with("closed",
            StatusPages.part(control, "/status/listeners"));
    }

    /** The way of a request: {@code explain/} and the parameters of {@code /control/explain}. */
    @Override
    public Conf detail(String question) {
        return question.startsWith(EXPLAIN) && question.substring(EXPLAIN.length()).matches(QUERY)
            ? control.json("/control/explain?" + question.substring(EXPLAIN.length())) : Page.super.detail(question);
    }

    @Override
    public ServerControl.Reply change(ConfObject order, ConsoleUser user) {
        return order.string("action").orElse("").equals("switch") ? Switches.turn(control, order)
            : PageServlet.refused("There is no such action.");
    }
}

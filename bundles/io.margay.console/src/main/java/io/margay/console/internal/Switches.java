// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.ConfObject;
import io.margay.control.ServerControl;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * Switches listeners, route steps and applications off and on, by their option {@code enabled}: a change of the
 * configuration like any other, with a revision, a way back and an {@code If-Match}, which holds after a restart.
 */
final class Switches {
    private Switches() {
    }

    /**
     * Carries out an order: {@code kind}, {@code name} (of a step: its route, empty for the only one, and its
     * {@code number}), {@code on}, {@code tag}.
     *
     * @return the server's reply
     */
    static ServerControl.Reply turn(ServerControl control, ConfObject order) {
        Optional<String> path = path(order);
        String tag = ConfigurationPage.tag(order);
        if (path.isEmpty() || tag.isEmpty() || !order.has("on")) {
            return PageServlet.refused("Which part, in what state of the configuration, is to be switched how?");
        }
        boolean on = order.bool("on", true);
        return control.ask(on ? "DELETE" : "PUT", path.get() + "/enabled", Map.of("If-Match", tag),
            on ? new byte[0] : "false".getBytes(StandardCharsets.US_ASCII));
    }

    private static Optional<String> path(ConfObject order) {
        String name = StatusPages.encoded(order.string("name").orElse(""));
        long number = order.integer("number", -1);
        return switch (order.string("kind").orElse("")) {
            case "listener" -> name.isEmpty() ? Optional.empty() : Optional.of("/config/listeners/" + name);
            case "application" -> name.isEmpty() ? Optional.empty() : Optional.of("/config/applications/" + name);
            case "step" -> number < 0 ? Optional.empty()
                : Optional.of("/config/routes/" + (name.isEmpty() ? "" : name + "/") + number);
            default -> Optional.empty();
        };
    }
}

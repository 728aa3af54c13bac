// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;

/** An action of an extension: what it throws ends the request with 500, or cuts it. */
final class GuardedAction implements Action {
    private final Action action;
    private final Guard guard;

    GuardedAction(Action action, Guard guard) {
        this.action = action;
        this.guard = guard;
    }

    @Override
    public void run(Exchange exchange) {
        try {
            action.run(exchange);
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            guard.report("failed", e);
            exchange.fail(500);
        }
    }

    @Override
    public boolean streams() {
        return action.streams();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;

/** Runs actions when as much of the request has arrived as they want. */
final class BodyWait {

    private BodyWait() {
    }

    static void run(Action action, Exchange exchange) {
        if (exchange.isBodyComplete() || action.streams()) {
            action.run(exchange);
        } else {
            exchange.awaitBody(() -> action.run(exchange));
        }
    }
}

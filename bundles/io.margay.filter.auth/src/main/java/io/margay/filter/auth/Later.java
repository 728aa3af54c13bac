// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.http.Exchange;
import io.margay.log.Complaints;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/** Goes on with a request on its loop when something has been found out elsewhere. */
final class Later {
    private static final int INTERNAL = 500;
    private static final int UNAVAILABLE = 503;

    private Later() {
    }

    /**
     * Goes on at once if the result is there. If there will be none the request gets 503.
     *
     * @param then called on the loop, not if the client is gone
     */
    static <V> void run(Exchange exchange, CompletableFuture<V> result, Complaints complaints, Consumer<V> then) {
        if (result.isDone()) {
            go(exchange, result, complaints, then);
            return;
        }
        result.whenComplete((value, failure) -> exchange.loop().netty().execute(() -> {
            if (!exchange.isDone()) {
                go(exchange, result, complaints, then);
            }
        }));
    }

    private static <V> void go(Exchange exchange, CompletableFuture<V> result, Complaints complaints,
            Consumer<V> then) {
        V value;
        try {
            value = result.join();
        } catch (CompletionException e) {
            complaints.tell(e.getCause() instanceof RejectedExecutionException ? "too many wait to be checked"
                : "cannot check who asks: " + e.getCause().getMessage());
            exchange.fail(UNAVAILABLE);
            return;
        }
        try {
            then.accept(value);
        } catch (RuntimeException e) {
            complaints.tell("failed with a request: " + e);
            exchange.fail(INTERNAL);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import io.margay.http.ResponseFields;

/** A filter of an extension, and what it is held to. */
final class GuardedFilter {
    private final Filter filter;
    private final Guard guard;
    private final boolean requests;
    private final boolean responses;

    GuardedFilter(Filter filter, Guard guard) {
        this.filter = filter;
        this.guard = guard;
        Filter.Half half = filter.half();
        requests = half != Filter.Half.RESPONSE;
        responses = half != Filter.Half.REQUEST;
    }

    boolean requests() {
        return requests;
    }

    boolean responses() {
        return responses;
    }

    /** Runs the request half; {@code next} is what follows. */
    void request(Exchange exchange, FilterPass next) {
        try {
            filter.request(exchange, next);
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            guard.report("failed with a request: " + e);
            next.forbid();
            exchange.fail(500);
            return;
        }
        next.returned(exchange);
    }

    void response(Exchange exchange, ResponseFields head) {
        try {
            filter.response(exchange, head);
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            guard.report("failed with a response: " + e);
            throw new IllegalStateException("a filter failed", e);
        }
    }

    void report(String what) {
        guard.report(what);
    }
}

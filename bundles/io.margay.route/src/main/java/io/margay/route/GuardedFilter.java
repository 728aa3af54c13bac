// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.BodyFilter;
import io.margay.http.Exchange;
import io.margay.http.ReportedException;
import io.margay.http.ResponseFilter;
import io.margay.http.ResponseHead;
import java.util.Optional;

/** A filter of an extension, and what it is held to. */
final class GuardedFilter implements ResponseFilter {
    private final Filter filter;
    private final Guard guard;
    private final boolean requests;
    private final boolean responses;
    private final boolean lasts;

    GuardedFilter(Filter filter, Guard guard) {
        this.filter = filter;
        this.guard = guard;
        Filter.Half half = filter.half();
        requests = half != Filter.Half.RESPONSE;
        responses = half != Filter.Half.REQUEST;
        lasts = filter.lasts();
    }

    String name() {
        return guard.name();
    }

    boolean requests() {
        return requests;
    }

    boolean responds() {
        return responses;
    }

    /** Runs the request half; {@code next} is what follows. */
    void request(Exchange exchange, FilterPass next) {
        try {
            filter.request(exchange, next);
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            guard.report("failed with a request", e);
            next.forbid();
            exchange.fail(500);
            return;
        }
        next.returned(exchange);
    }

    @Override
    public Optional<BodyFilter> response(Exchange exchange, ResponseHead head) {
        try {
            return filter.response(exchange, head);
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            guard.report("failed with a response", e);
            throw e instanceof ReportedException reported ? reported : new ReportedException(e);
        }
    }

    @Override
    public boolean lasts() {
        return lasts;
    }

    void report(String what) {
        guard.report(what);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import java.util.List;

/** The filters of one object, in front of its action. */
final class Filters implements Action {
    private final GuardedFilter[] all;
    private final Action action;
    private final GuardedFilter[] responses;
    private final FilterFactory.Scope scope;

    /** Joins filters in the order in which requests meet them. */
    Filters(FilterFactory.Scope scope, List<GuardedFilter> all, Action action) {
        this.all = all.toArray(GuardedFilter[]::new);
        this.action = action;
        this.scope = scope;
        responses = all.stream().filter(GuardedFilter::responses).toArray(GuardedFilter[]::new);
    }

    boolean isEmpty() {
        return all.length == 0;
    }

    @Override
    public void run(Exchange exchange) {
        if (scope == FilterFactory.Scope.ACTION) {
            exchange.dropFilters();
        }
        for (GuardedFilter filter : responses) {
            exchange.filter(filter);
        }
        if (scope == FilterFactory.Scope.LISTENER) {
            exchange.keepFilters();
        }
        if (all.length == 0) {
            action.run(exchange);
        } else {
            proceed(exchange, 0);
        }
    }

    /** Goes on with the filter of the index, or with the action when there are no more. */
    void proceed(Exchange exchange, int first) {
        for (int i = first; i < all.length; i++) {
            GuardedFilter filter = all[i];
            if (filter.requests()) {
                filter.request(exchange, new FilterPass(this, filter, i + 1));
                return;
            }
        }
        action.run(exchange);
    }
}

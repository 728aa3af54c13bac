// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import io.margay.http.ResponseFields;
import io.margay.http.ResponseFilter;
import java.util.List;
import java.util.Optional;

/** The filters of one object, in front of its action. */
final class Filters implements Action, ResponseFilter {
    private final GuardedFilter[] all;
    private final Action action;
    private final Optional<ResponseFilter> responses;

    /** Joins filters in the order in which requests meet them. */
    Filters(List<GuardedFilter> all, Action action) {
        this.all = all.toArray(GuardedFilter[]::new);
        this.action = action;
        responses = all.stream().anyMatch(GuardedFilter::responses) ? Optional.of(this) : Optional.empty();
    }

    boolean isEmpty() {
        return all.length == 0;
    }

    @Override
    public void run(Exchange exchange) {
        exchange.responseFilter(responses);
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

    @Override
    public void apply(Exchange exchange, ResponseFields fields) {
        for (int i = all.length - 1; i >= 0; i--) {
            if (all[i].responses()) {
                all[i].response(exchange, fields);
            }
        }
    }
}

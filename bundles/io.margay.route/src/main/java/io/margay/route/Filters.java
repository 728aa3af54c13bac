// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import java.util.List;
import java.util.stream.Stream;

/** The filters of one object, in front of its action. */
final class Filters implements Action {
    private final GuardedFilter[] all;
    private final Action action;

    /** Joins filters in the order in which requests meet them. */
    Filters(List<GuardedFilter> all, Action action) {
        this.all = all.toArray(GuardedFilter[]::new);
        this.action = action;
    }

    boolean isEmpty() {
        return all.length == 0;
    }

    /** The options that have them, in their order. */
    List<String> names() {
        return Stream.of(all).map(GuardedFilter::name).toList();
    }

    Action action() {
        return action;
    }

    @Override
    public void run(Exchange exchange) {
        proceed(exchange, 0);
    }

    @Override
    public boolean streams() {
        return true;
    }

    /** Goes on with the filter of the index, or with the action when there are no more. */
    void proceed(Exchange exchange, int first) {
        for (int i = first; i < all.length; i++) {
            GuardedFilter filter = all[i];
            if (filter.responds()) {
                exchange.filter(filter);
            }
            if (filter.requests()) {
                filter.request(exchange, new FilterPass(this, filter, i + 1));
                return;
            }
        }
        BodyWait.run(action, exchange);
    }
}

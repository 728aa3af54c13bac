// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * What a filter passes one request on with, and the watch over it: a request is answered or passed on, once, in time.
 * On the loop of the exchange.
 */
final class FilterPass implements Action {
    /** How long a filter may keep a request, seconds. */
    private static final int PATIENCE = 60;

    private final Filters filters;
    private final GuardedFilter filter;
    private final int next;
    private boolean over;
    private boolean answeredBehind;

    FilterPass(Filters filters, GuardedFilter filter, int next) {
        this.filters = filters;
        this.filter = filter;
        this.next = next;
    }

    @Override
    public void run(Exchange exchange) {
        if (over) {
            filter.report("passed a request on although it had ended it or passed it on before");
            return;
        }
        over = true;
        if (exchange.isStarted()) {
            filter.report("answered a request and passed it on");
        } else if (!exchange.isDone()) {
            filters.proceed(exchange, next);
            answeredBehind = exchange.isStarted() || exchange.isDone();
        }
    }

    @Override
    public boolean streams() {
        return true;
    }

    /** The filter may not pass the request on any more. */
    void forbid() {
        over = true;
    }

    /** The filter has returned: what it does later is its own matter, but not for ever. */
    void returned(Exchange exchange) {
        boolean answered = exchange.isStarted();
        if (over) {
            if (answered && !answeredBehind) {
                filter.report("passed a request on and answered it");
            }
            return;
        }
        if (!answered && !exchange.isDone()) {
            ScheduledFuture<?> watch = exchange.loop().netty().schedule(() -> expire(exchange), PATIENCE,
                TimeUnit.SECONDS);
            exchange.onDone((ended, complete) -> watch.cancel(false));
        }
    }

    private void expire(Exchange exchange) {
        if (!over && !exchange.isStarted() && !exchange.isDone()) {
            filter.report("neither answered a request nor passed it on within " + PATIENCE + " seconds");
            over = true;
            exchange.fail(500);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.channel.Channel;

/** Two probes, or more by nesting. */
record ProbePair(ExchangeProbe one, ExchangeProbe other) implements ExchangeProbe {

    /** {@return both; {@code one} may be null} */
    static ExchangeProbe of(ExchangeProbe one, ExchangeProbe other) {
        return one == null ? other : new ProbePair(one, other);
    }

    /** {@return what is left of probes without one of them; null if nothing is} */
    static ExchangeProbe without(ExchangeProbe all, ExchangeProbe removed) {
        if (all == removed) {
            return null;
        }
        if (!(all instanceof ProbePair(ExchangeProbe first, ExchangeProbe second))) {
            return all;
        }
        ExchangeProbe left = without(first, removed);
        ExchangeProbe right = without(second, removed);
        return left == null ? right : right == null ? left : new ProbePair(left, right);
    }

    @Override
    public void opened(Channel connection) {
        one.opened(connection);
        other.opened(connection);
    }

    @Override
    public void begun(Exchange exchange) {
        one.begun(exchange);
        other.begun(exchange);
    }

    @Override
    public void reached(Exchange exchange, Timings.Stage stage) {
        one.reached(exchange, stage);
        other.reached(exchange, stage);
    }

    @Override
    public void refused(Exchange exchange) {
        one.refused(exchange);
        other.refused(exchange);
    }

    @Override
    public void done(Exchange exchange, boolean complete) {
        one.done(exchange, complete);
        other.done(exchange, complete);
    }
}

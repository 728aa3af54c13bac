// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import io.margay.http.ExchangeHandler;
import io.margay.http.ExchangeProbe;
import io.margay.log.ErrorLog;
import java.util.Arrays;

/** What the requests of one listener get: observers are told of their end, then their way begins. */
final class ListenerHandler implements ExchangeHandler {
    private final Action action;
    private final Observer[] observers;
    private final Observer[] early;
    private final Exchange.DoneListener done;
    private final Exchange.DoneListener refused;
    private final ErrorLog log;
    private final String address;
    private final String destination;
    private final boolean keeps;
    private final boolean streams;

    ListenerHandler(Action action, Observer[] observers, ErrorLog log, String address, String destination,
        boolean streams) {
        this.streams = streams;
        this.address = address;
        this.destination = destination;
        this.action = action;
        this.observers = observers;
        this.early = Arrays.stream(observers).filter(Observer::watchesBegin).toArray(Observer[]::new);
        this.keeps = Arrays.stream(observers).anyMatch(Observer::readsResponse);
        this.log = log;
        // One for all requests: an observer costs them no allocation.
        this.done = this::done;
        this.refused = this::refused;
    }

    /** What {@link #destination} was compiled to, filters included. */
    Action action() {
        return action;
    }

    /** Where requests are passed to, as configured. */
    String destination() {
        return destination;
    }

    @Override
    public void handle(Exchange exchange) {
        ExchangeProbe probe = exchange.loop().probe();
        exchange.timings().listener(address);
        if (observers.length > 0 || probe != null) {
            watch(exchange, done);
        }
        if (probe != null) {
            probe.begun(exchange);
        }
        for (Observer observer : early) {
            observer.begun(exchange);
        }
        if (exchange.settings().logRoute()) {
            logLine(exchange);
        }
        BodyWait.run(action, exchange);
    }

    @Override
    public boolean takesEarly() {
        return streams;
    }

    @Override
    public void refused(Exchange exchange) {
        if (observers.length > 0 || exchange.loop().probe() != null) {
            exchange.timings().listener(address);
            watch(exchange, refused);
            for (Observer observer : early) {
                observer.begun(exchange);
            }
        }
    }

    private void watch(Exchange exchange, Exchange.DoneListener listener) {
        exchange.onDone(listener);
        if (keeps) {
            exchange.keepResponse();
        }
    }

    private void observed(Exchange exchange, boolean complete) {
        for (Observer observer : observers) {
            observer.done(exchange, complete);
        }
    }

    private void refused(Exchange exchange, boolean complete) {
        observed(exchange, complete);
        ExchangeProbe probe = exchange.loop().probe();
        if (probe != null) {
            probe.refused(exchange);
        }
    }

    private void done(Exchange exchange, boolean complete) {
        observed(exchange, complete);
        ExchangeProbe probe = exchange.loop().probe();
        if (probe != null) {
            probe.done(exchange, complete);
        }
    }

    private void logLine(Exchange exchange) {
        log.notice("http request line \"" + Bytes.latin(exchange.request().line()) + "\"");
    }
}

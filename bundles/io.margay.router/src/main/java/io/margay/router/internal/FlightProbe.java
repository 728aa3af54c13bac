// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.http.Exchange;
import io.margay.http.ExchangeProbe;
import io.margay.http.Timings;
import io.netty.channel.Channel;

/**
 * Makes events of the exchanges of one loop, for a recording of the JDK's flight recorder: of one request in each
 * millisecond at most, so that a recording shows minutes and not moments of a busy server. On its loop.
 */
final class FlightProbe implements ExchangeProbe {

    /** Nanoseconds between two requests, or connections, of which there are events. */
    private static final long DISTANCE = 1_000_000;

    private long number;
    private long connections;
    private long lastRequest = System.nanoTime() - DISTANCE;
    private long lastConnection = lastRequest;

    /** The events of one exchange, until its end. */
    private static final class Trace {
        private final FlightEvents.Route route = new FlightEvents.Route();
        private final FlightEvents.Queue queue = new FlightEvents.Queue();
        private final FlightEvents.Worker worker = new FlightEvents.Worker();
        private final FlightEvents.Write write = new FlightEvents.Write();
        private final long number;

        Trace(long number) {
            this.number = number;
            route.begin();
        }

        void reached(Timings.Stage stage) {
            switch (stage) {
                // One that passes on to another route is followed by one more.
                case ROUTE -> route.end();
                case QUEUE -> queue.begin();
                case WORKER -> {
                    queue.end();
                    worker.begin();
                }
                case FIRST_BYTE -> write.begin();
                default -> { }
            }
        }

        void done(Exchange exchange, boolean complete) {
            Timings timings = exchange.timings();
            commit(route, timings, Timings.Stage.ROUTE);
            commit(queue, timings, Timings.Stage.QUEUE);
            commit(worker, timings, Timings.Stage.WORKER);
            write.status = exchange.status();
            write.bytes = exchange.bodyBytesSent();
            write.complete = complete;
            commit(write, timings, Timings.Stage.FIRST_BYTE);
        }

        private void commit(FlightEvents.OfRequest event, Timings timings, Timings.Stage begin) {
            if (timings.has(begin) && event.shouldCommit()) {
                event.request = number;
                event.listener = timings.listener();
                event.route = timings.route();
                event.application = timings.application();
                event.commit();
            }
        }
    }

    @Override
    public void opened(Channel connection) {
        connections++;
        long now = System.nanoTime();
        if (now - lastConnection >= DISTANCE) {
            lastConnection = now;
            FlightEvents.Accept event = new FlightEvents.Accept();
            event.local = String.valueOf(connection.localAddress());
            event.connections = connections;
            event.commit();
        }
    }

    @Override
    public void begun(Exchange exchange) {
        long now = System.nanoTime();
        number++;
        if (now - lastRequest >= DISTANCE) {
            lastRequest = now;
            exchange.timings().note(new Trace(number));
        }
    }

    @Override
    public void reached(Exchange exchange, Timings.Stage stage) {
        if (exchange.timings().note() instanceof Trace trace) {
            trace.reached(stage);
        }
    }

    @Override
    public void done(Exchange exchange, boolean complete) {
        if (exchange.timings().note() instanceof Trace trace) {
            trace.done(exchange, complete);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.Exchange;
import io.margay.log.Complaints;
import io.margay.route.Action;
import java.util.List;
import java.util.Optional;

/** Servers of which one gets each request. Holds their pools until it is closed. */
final class Upstream implements Action, AutoCloseable {
    private final List<UpstreamServer> servers;
    private final Balancer balancer;
    private final ProxyTimeouts timeouts;
    private final LoopSides sides;
    private final Pools pools;
    private final Complaints complaints;

    Upstream(List<UpstreamServer> servers, Balancer balancer, ProxyTimeouts timeouts, LoopSides sides, Pools pools,
        Complaints complaints) {
        this.servers = servers;
        this.balancer = balancer;
        this.timeouts = timeouts;
        this.sides = sides;
        this.pools = pools;
        this.complaints = complaints;
    }

    @Override
    public void run(Exchange exchange) {
        new Forward(this, exchange, sides.of(exchange.loop())).begin();
    }

    ProxyTimeouts timeouts() {
        return timeouts;
    }

    Optional<UpstreamServer> pick() {
        return balancer.pick();
    }

    void complain(String text) {
        complaints.tell(text);
    }

    void complain(UpstreamServer server, String text) {
        complaints.tell("upstream server \"" + server.pool().endpoint().address() + "\" " + text);
    }

    @Override
    public void close() {
        servers.forEach(server -> pools.release(server.pool()));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.Exchange;
import io.margay.log.Complaints;
import io.margay.route.Action;
import java.util.List;
import java.util.Optional;

/** Servers of which one gets each request. Holds their pools until it is closed. */
final class Upstream implements Action, AutoCloseable {
    private static final int NOT_FOUND = 404;

    private final List<UpstreamServer> servers;
    private final Balancer balancer;
    private final Optional<Balancer> backup;
    private final ProxyOptions options;
    private final LoopSides sides;
    private final Complaints complaints;
    private final Optional<HealthChecks> checks;
    private final Runnable end;

    /**
     * Creates an upstream.
     *
     * @param servers all of them
     * @param balancer of those that get requests
     * @param backup of those that get requests when no other can
     * @param checks ask the servers how they are
     * @param end gives back what the servers hold
     */
    Upstream(List<UpstreamServer> servers, Balancer balancer, Optional<Balancer> backup, ProxyOptions options,
        LoopSides sides, Complaints complaints, Optional<HealthChecks> checks, Runnable end) {
        this.servers = List.copyOf(servers);
        this.balancer = balancer;
        this.backup = backup;
        this.options = options;
        this.sides = sides;
        this.complaints = complaints;
        this.checks = checks;
        this.end = end;
    }

    @Override
    public void run(Exchange exchange) {
        Forward forward = new Forward(this, exchange, sides.of(exchange.loop()));
        if (options.fastCgi().isPresent()
            && ScriptPath.of(exchange.request().path(), options.fastCgi().get()).isEmpty()) {
            exchange.fail(NOT_FOUND);
            return;
        }
        if (!exchange.isBodyComplete() && options.buffers(exchange.request())) {
            exchange.awaitBody(forward::begin);
        } else {
            forward.begin();
        }
    }

    @Override
    public boolean streams() {
        return true;
    }

    ProxyOptions options() {
        return options;
    }

    List<UpstreamServer> servers() {
        return servers;
    }

    /** A server that has not failed, then one of the reserve, then one that has; empty if there is none at all. */
    Optional<UpstreamServer> pick(Forward forward) {
        forward.desperate(false);
        Optional<UpstreamServer> picked = balancer.pick(forward);
        if (picked.isEmpty() && backup.isPresent()) {
            picked = backup.get().pick(forward);
        }
        if (picked.isPresent()) {
            return picked;
        }
        forward.desperate(true);
        picked = balancer.pick(forward);
        return picked.isEmpty() && backup.isPresent() ? backup.get().pick(forward) : picked;
    }

    void complain(String text) {
        complaints.tell(text);
    }

    void complain(UpstreamServer server, String text) {
        complaints.tell("upstream server \"" + server.pool().endpoint().address() + "\" " + text);
    }

    /** It is in force: from now on servers are asked, or what earlier ones have answered is forgotten. */
    void check(UpstreamHost host) {
        if (checks.isPresent()) {
            checks.get().start(host.checkLoop());
        } else {
            servers.forEach(server -> server.state().unhealthy(false, System.nanoTime()));
        }
    }

    @Override
    public void close() {
        checks.ifPresent(HealthChecks::close);
        end.run();
    }
}

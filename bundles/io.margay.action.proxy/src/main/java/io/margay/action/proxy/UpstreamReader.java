// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.log.Complaints;
import io.margay.log.ErrorLog;
import io.margay.route.PlanContext;
import io.margay.route.Template;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads upstreams, and actions that forward to one server. On the control thread. */
final class UpstreamReader {
    private static final String SECURE = "https://";
    private static final String FAST_CGI = "fastcgi://";
    private static final String HTTP2 = "http2";
    private static final String LEAST = "least_conn";

    private final LoopSides sides = new LoopSides();
    private final Pools pools = new Pools();
    private final ServerStates states;

    UpstreamReader(ServerStates states) {
        this.states = states;
    }

    /** Of an action: a single server, of which it does not matter how often it has failed. */
    Upstream action(ConfObject action, PlanContext at, TlsContexts contexts) {
        String text = action.string("proxy").orElse("");
        boolean secure = text.startsWith(SECURE);
        String address = text.replaceFirst("^(https?|fastcgi)://", "");
        if (address.length() == text.length() || !Endpoint.isAddress(address)) {
            throw at.error("proxy", "The \"proxy\" address is invalid \"" + address + "\"");
        }
        if (!secure && action.object("tls").isPresent()) {
            throw at.error("tls", "The \"tls\" option needs a \"proxy\" address that begins with \"https://\".");
        }
        boolean fastCgi = text.startsWith(FAST_CGI);
        if (fastCgi != action.object("fastcgi").isPresent()) {
            throw at.error(fastCgi ? "proxy" : "fastcgi", fastCgi
                ? "A \"proxy\" address that begins with \"fastcgi://\" needs the option \"fastcgi\"."
                : "The \"fastcgi\" option needs a \"proxy\" address that begins with \"fastcgi://\".");
        }
        ProxyOptions options = ProxyOptions.read(action.without("request_headers"), at);
        Optional<TlsTarget> tls = action.object("tls").or(() -> Optional.of(ConfObject.EMPTY)).filter(any -> secure)
            .map(TlsTarget::read);
        LinkPool pool = pools.open(new Endpoint(address, tls, fastCgi, action.bool(HTTP2, false),
            Endpoint.resolvers(action)));
        contexts.add(pool);
        UpstreamServer server = new UpstreamServer(pool, UpstreamServerOptions.ALONE, new UpstreamServerState(), 0);
        return new Upstream(List.of(server), candidates -> candidates.takes(server) ? Optional.of(server)
            : Optional.empty(), Optional.empty(), options, sides, complaints(at), Optional.empty(),
            () -> pools.release(pool));
    }

    Upstream upstream(String name, Conf value, PlanContext at, TlsContexts contexts) {
        ConfObject conf = value instanceof ConfObject object ? object : ConfObject.EMPTY;
        ConfObject servers = conf.object("servers").orElseThrow(() ->
            at.error("", "The \"" + name + "\" upstream must contain \"servers\" object value."));
        servers.members().keySet().stream().filter(address -> !Endpoint.isAddress(address)).findFirst()
            .ifPresent(address -> {
                throw at.child("servers").error(address, "The \"" + address + "\" is not valid server address.");
            });
        ProxyOptions options = ProxyOptions.read(conf, at);
        Optional<Template> key = conf.string("hash_key").map(text -> at.template("hash_key", text));
        List<UpstreamServer> made = new ArrayList<>();
        Optional<TlsTarget> tls = conf.object("tls").map(TlsTarget::read);
        boolean fastCgi = options.fastCgi().isPresent();
        List<InetSocketAddress> resolvers = Endpoint.resolvers(conf);
        servers.members().forEach((address, each) -> made.add(new UpstreamServer(
            pools.open(new Endpoint(address, tls, fastCgi, conf.bool(HTTP2, false), resolvers)),
            UpstreamServerOptions.read(each instanceof ConfObject server ? server : ConfObject.EMPTY),
            states.open(name, address), made.size())));
        made.forEach(server -> contexts.add(server.pool()));
        List<UpstreamServer> backup = made.stream().filter(server -> server.options().backup()).toList();
        List<UpstreamServer> first = made.stream().filter(server -> !server.options().backup()).toList();
        return new Upstream(made, balancer(conf, key, first), backup.isEmpty() ? Optional.empty()
            : Optional.of(balancer(conf, key, backup)), options, sides, complaints(at),
            HealthOptions.read(conf).map(checks ->
                new HealthChecks(name, made, checks, options.fastCgi(), at.log()::warn)),
            () -> release(name, made));
    }

    private static Balancer balancer(ConfObject conf, Optional<Template> key, List<UpstreamServer> servers) {
        if (key.isPresent()) {
            return new ConsistentHash(servers, key.get()::evaluate);
        }
        return conf.string("balance").orElse("").equals(LEAST) ? new LeastConnections(servers)
            : new RoundRobin(servers);
    }

    private void release(String upstream, List<UpstreamServer> servers) {
        servers.forEach(server -> {
            pools.release(server.pool());
            states.release(upstream, server.pool().endpoint().address());
        });
    }

    private static Complaints complaints(PlanContext at) {
        ErrorLog log = at.log();
        return new Complaints(log::error);
    }
}

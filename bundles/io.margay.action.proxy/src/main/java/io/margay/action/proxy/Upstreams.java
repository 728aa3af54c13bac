// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.route.Action;
import io.margay.route.Section;
import io.margay.route.Targets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/** The upstreams of one configuration by their names (spec/routing.md §9.4). */
final class Upstreams implements Section, Targets {
    private final Map<String, Upstream> byName;
    private final TlsContexts contexts;
    private final UpstreamHost host;

    Upstreams(Map<String, Upstream> byName, TlsContexts contexts, UpstreamHost host) {
        this.byName = new TreeMap<>(byName);
        this.contexts = contexts;
        this.host = host;
    }

    /** Of actions too: they are made before anything starts. */
    TlsContexts contexts() {
        return contexts;
    }

    @Override
    public CompletionStage<Void> start() {
        return contexts.start(host.certificates());
    }

    @Override
    public Optional<Action> find(Optional<String> name, Optional<String> target) {
        return target.isPresent() ? Optional.empty() : name.map(byName::get);
    }

    @Override
    public boolean stream() {
        return !byName.isEmpty();
    }

    @Override
    public void commit() {
        host.inForce(this);
        byName.values().forEach(upstream -> upstream.check(host));
    }

    @Override
    public Optional<Conf> status() {
        return byName.isEmpty() ? Optional.empty() : Optional.of(report());
    }

    /** What is so with all of them. */
    ConfObject report() {
        ConfObject.Builder all = ConfObject.builder();
        byName.forEach((name, upstream) -> all.put(name, UpstreamReport.of(upstream)));
        return all.build();
    }

    /** A server by its address, as configured. */
    Optional<UpstreamServer> server(String upstream, String address) {
        return Optional.ofNullable(byName.get(upstream)).flatMap(found -> found.servers().stream()
            .filter(server -> server.pool().endpoint().address().equals(address)).findFirst());
    }

    @Override
    public void close() {
        host.closed(this);
        byName.values().forEach(Upstream::close);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The states of the servers of all upstreams that are configured, by upstream and address. Any thread. */
final class ServerStates {
    private final Map<String, Map<String, Held>> upstreams = new TreeMap<>();

    private static final class Held {
        private final UpstreamServerState state = new UpstreamServerState();
        private int users;
    }

    /** The state of a server, to be {@linkplain #release released} once. */
    synchronized UpstreamServerState open(String upstream, String address) {
        Held held = upstreams.computeIfAbsent(upstream, added -> new HashMap<>())
            .computeIfAbsent(address, added -> new Held());
        held.users++;
        return held.state;
    }

    /** One user less. */
    synchronized void release(String upstream, String address) {
        Map<String, Held> servers = upstreams.get(upstream);
        Held held = servers.get(address);
        if (--held.users == 0) {
            servers.remove(address);
            if (servers.isEmpty()) {
                upstreams.remove(upstream);
            }
        }
    }

    /** The state of a server that is configured. */
    synchronized Optional<UpstreamServerState> find(String upstream, String address) {
        return Optional.ofNullable(upstreams.get(upstream)).map(servers -> servers.get(address))
            .map(held -> held.state);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** The server with the fewest requests for its weight, counted over all loops; of equal ones each in turn. */
final class LeastConnections implements Balancer {
    private final List<UpstreamServer> servers;
    private final AtomicInteger turn = new AtomicInteger();

    LeastConnections(List<UpstreamServer> servers) {
        this.servers = List.copyOf(servers);
    }

    @Override
    public Optional<UpstreamServer> pick(Candidates candidates) {
        int count = servers.size();
        int start = count == 0 ? 0 : Math.floorMod(turn.getAndIncrement(), count);
        Optional<UpstreamServer> best = Optional.empty();
        double least = Double.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            UpstreamServer server = servers.get((start + i) % count);
            if (candidates.takes(server)) {
                double load = (server.state().active() + 1) / (server.weight() * server.part(candidates.now()));
                if (load < least) {
                    least = load;
                    best = Optional.of(server);
                }
            }
        }
        return best;
    }
}

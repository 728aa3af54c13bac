// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import java.util.List;
import java.util.Optional;

/**
 * Smooth weighted round robin (spec/routing.md §9.4): each pick adds to every counter the weight of its server, takes
 * the largest, the first of equal ones, and subtracts from it what was added to all.
 */
final class RoundRobin implements Balancer {
    private final List<UpstreamServer> servers;
    private final double[] counters;

    RoundRobin(List<UpstreamServer> servers) {
        this.servers = servers;
        counters = new double[servers.size()];
    }

    @Override
    public synchronized Optional<UpstreamServer> pick() {
        int best = -1;
        double total = 0;
        for (int i = 0; i < counters.length; i++) {
            double weight = servers.get(i).weight();
            if (weight > 0) {
                counters[i] += weight;
                total += weight;
                best = best < 0 || counters[i] > counters[best] ? i : best;
            }
        }
        if (best < 0) {
            return Optional.empty();
        }
        counters[best] -= total;
        return Optional.of(servers.get(best));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Smooth weighted round robin (spec/routing.md §9.4): each pick adds to every counter the weight of its server, takes
 * the largest, the first of equal ones, and subtracts from it what was added to all. That repeats itself, mostly soon:
 * then the order is worked out once and each request draws a number. Who cannot take a request leaves its turn to the
 * next, and does not change the shares of the others among each other.
 */
final class RoundRobin implements Balancer {
    /** The longest order that is kept. */
    private static final int LONGEST = 4096;
    /** So many turns may be drawn for one request. */
    private static final int MOST_DRAWN = 64;
    private static final double EXACT = 1e-9;

    private final List<UpstreamServer> servers;
    private final boolean none;
    /** Empty if it does not repeat itself soon. */
    private final int[] order;
    private final AtomicLong turn = new AtomicLong();
    private final AtomicReference<double[]> counters;

    RoundRobin(List<UpstreamServer> servers) {
        this.servers = List.copyOf(servers);
        none = servers.stream().noneMatch(server -> server.weight() > 0);
        order = none ? new int[0] : order();
        counters = new AtomicReference<>(new double[servers.size()]);
    }

    private int[] order() {
        double[] now = new double[servers.size()];
        List<Integer> picks = new ArrayList<>();
        boolean again = false;
        while (!again && picks.size() < LONGEST) {
            picks.add(step(now));
            again = true;
            for (double counter : now) {
                again &= Math.abs(counter) < EXACT;
            }
        }
        return again ? picks.stream().mapToInt(Integer::intValue).toArray() : new int[0];
    }

    private int step(double[] now) {
        int best = -1;
        double total = 0;
        for (int i = 0; i < now.length; i++) {
            double weight = servers.get(i).weight();
            if (weight > 0) {
                now[i] += weight;
                total += weight;
                best = best < 0 || now[i] > now[best] + EXACT ? i : best;
            }
        }
        now[best] -= total;
        return best;
    }

    private UpstreamServer draw() {
        if (order.length > 0) {
            return servers.get(order[(int) Math.floorMod(turn.getAndIncrement(), (long) order.length)]);
        }
        while (true) {
            double[] seen = counters.get();
            double[] after = seen.clone();
            int best = step(after);
            if (counters.compareAndSet(seen, after)) {
                return servers.get(best);
            }
        }
    }

    @Override
    public Optional<UpstreamServer> pick(Candidates candidates) {
        if (none) {
            return Optional.empty();
        }
        for (int i = 0; i < MOST_DRAWN; i++) {
            UpstreamServer server = draw();
            if (candidates.takes(server) && isItsTurn(server.part(candidates.now()))) {
                return Optional.of(server);
            }
        }
        return any(candidates);
    }

    /** One of those that take a request, by chance, as often as its weight says. */
    private Optional<UpstreamServer> any(Candidates candidates) {
        double total = 0;
        for (int i = 0; i < servers.size(); i++) {
            total += candidates.takes(servers.get(i)) ? servers.get(i).weight() : 0;
        }
        double left = ThreadLocalRandom.current().nextDouble() * total;
        Optional<UpstreamServer> last = Optional.empty();
        for (int i = 0; i < servers.size(); i++) {
            UpstreamServer server = servers.get(i);
            if (server.weight() > 0 && candidates.takes(server)) {
                last = Optional.of(server);
                left -= server.weight();
                if (left < 0) {
                    return last;
                }
            }
        }
        return last;
    }

    private static boolean isItsTurn(double part) {
        return part >= 1 || ThreadLocalRandom.current().nextDouble() < part;
    }
}

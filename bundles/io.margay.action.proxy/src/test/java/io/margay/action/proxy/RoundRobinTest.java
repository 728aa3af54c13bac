// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.posix.HostPort;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The order of servers, as {@code spec/routing.md §9.4} works it out. */
class RoundRobinTest {
    private static final Function<HostPort, Lookup> NO_NAMES = name -> {
        throw new AssertionError(name);
    };

    private static List<UpstreamServer> servers(String weights) {
        List<UpstreamServer> servers = new ArrayList<>();
        for (String weight : weights.split(" ")) {
            servers.add(new UpstreamServer(new LinkPool(new Endpoint("127.0.0.1:" + (servers.size() + 1)), NO_NAMES),
                Double.parseDouble(weight)));
        }
        return servers;
    }

    private static String picks(String weights, int count) {
        List<UpstreamServer> servers = servers(weights);
        Balancer balancer = new RoundRobin(servers);
        StringBuilder order = new StringBuilder();
        for (int i = 0; i < count; i++) {
            order.append(balancer.pick().map(servers::indexOf).map(String::valueOf).orElse("-"));
        }
        return order.toString();
    }

    @ParameterizedTest
    @CsvSource({"1, 0000", "1 1, 0101", "1 1 1, 012012", "5 1 1, 00102000010200", "0 1 0, 111", "0 0, --",
        "0.5 1, 101101", "1000000 0.1, 00000000", "3 2 1, 010210"})
    void theLargestCounterIsNext(String weights, String order) {
        assertEquals(order, picks(weights, order.length()));
    }
}

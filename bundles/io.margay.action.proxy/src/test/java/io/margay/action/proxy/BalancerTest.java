// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Exchange;
import io.margay.posix.HostPort;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which server gets a request; the order in turn as {@code spec/routing.md §9.4} works it out. */
class BalancerTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Function<HostPort, Lookup> NO_NAMES = name -> {
        throw new AssertionError(name);
    };

    /** All servers but some take a request at a time. */
    private record Asking(BitSet away, long now) implements Candidates {
        static Asking without(int... servers) {
            BitSet away = new BitSet();
            for (int server : servers) {
                away.set(server);
            }
            return new Asking(away, 0);
        }

        @Override
        public boolean takes(UpstreamServer server) {
            return !away.get(server.index()) && server.isOpen(false, now);
        }

        @Override
        public Exchange exchange() {
            return null;
        }
    }

    private static List<UpstreamServer> servers(String weights, int slowStart) {
        List<UpstreamServer> servers = new ArrayList<>();
        for (String weight : weights.split(" ")) {
            servers.add(new UpstreamServer(new LinkPool(new Endpoint("127.0.0.1:" + (servers.size() + 1)), NO_NAMES),
                new UpstreamServerOptions(Double.parseDouble(weight), 2, 10 * SECOND, 0, false, false,
                    slowStart * SECOND),
                new UpstreamServerState(), servers.size()));
        }
        return servers;
    }

    private static String picks(Balancer balancer, Candidates asking, int count) {
        StringBuilder order = new StringBuilder();
        for (int i = 0; i < count; i++) {
            order.append(balancer.pick(asking).map(server -> String.valueOf(server.index())).orElse("-"));
        }
        return order.toString();
    }

    private static int[] shares(Balancer balancer, Candidates asking, int servers, int count) {
        int[] shares = new int[servers];
        for (int i = 0; i < count; i++) {
            balancer.pick(asking).ifPresent(server -> shares[server.index()]++);
        }
        return shares;
    }

    @ParameterizedTest
    @CsvSource({"1, 0000", "1 1, 0101", "1 1 1, 012012", "5 1 1, 00102000010200", "0 1 0, 111", "0 0, --",
        "0.5 1, 101101", "1000000 0.1, 00000000", "3 2 1, 010210"})
    void theLargestCounterIsNext(String weights, String order) {
        assertEquals(order, picks(new RoundRobin(servers(weights, 0)), Asking.without(), order.length()));
    }

    @ParameterizedTest
    @CsvSource({"1 1 1, 1, 1500:0:1500", "5 1 1, 0, 0:1500:1500", "2 1 1, 2, 2000:1000:0", "1 1, 1, 3000:0",
        "0 1, 1, 0:0", "4000 1 1, 0, any"})
    void whoIsAwayDoesNotChangeTheSharesOfOthers(String weights, int away, String expected) {
        List<UpstreamServer> servers = servers(weights, 0);
        int[] shares = shares(new RoundRobin(servers), Asking.without(away), servers.size(), 3000);
        if (expected.equals("any")) {
            assertEquals(3000, shares[1] + shares[2]);
            // By chance; so far off once in 10^50 times.
            assertTrue(shares[1] > 1100 && shares[2] > 1100, shares[1] + " and " + shares[2]);
        } else {
            assertEquals(expected, shares[0] + ":" + shares[1] + (shares.length > 2 ? ":" + shares[2] : ""));
        }
    }

    @ParameterizedTest
    @CsvSource({"3 2 1", "1 1 1", "1000000 999999.5 0.1"})
    void manyThreadsDrawEachTurnOnce(String weights) throws InterruptedException {
        List<UpstreamServer> servers = servers(weights, 0);
        RoundRobin shared = new RoundRobin(servers);
        AtomicIntegerArray shares = new AtomicIntegerArray(servers.size());
        CountDownLatch begin = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    begin.await();
                } catch (InterruptedException e) {
                    return;
                }
                for (int n = 0; n < 6000; n++) {
                    shares.incrementAndGet(shared.pick(Asking.without()).orElseThrow().index());
                }
            }));
        }
        begin.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        int[] alone = shares(new RoundRobin(servers), Asking.without(), servers.size(), 24_000);
        for (int i = 0; i < alone.length; i++) {
            assertEquals(alone[i], shares.get(i));
        }
    }

    @Test
    void theFewestRequestsForTheWeight() {
        List<UpstreamServer> servers = servers("1 2 0", 0);
        Balancer least = new LeastConnections(servers);
        StringBuilder order = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            UpstreamServer picked = least.pick(Asking.without()).orElseThrow();
            picked.state().begins();
            order.append(picked.index());
        }
        assertEquals(2, order.chars().filter(c -> c == '0').count(), order::toString);
        servers.get(0).state().ends();
        servers.get(0).state().ends();
        assertEquals("0", picks(least, Asking.without(), 1));
        assertEquals("1", picks(least, Asking.without(0), 1));
        assertEquals("-", picks(least, Asking.without(0, 1), 1));
    }

    private static String owners(List<UpstreamServer> servers, int keys, int... away) {
        StringBuilder owners = new StringBuilder();
        for (int i = 0; i < keys; i++) {
            AsciiString key = AsciiString.of("user" + i);
            owners.append(picks(new ConsistentHash(servers, exchange -> key), Asking.without(away), 1));
        }
        return owners.toString();
    }

    @Test
    void onlyKeysOfWhoGoesMove() {
        List<UpstreamServer> servers = servers("1 1 2 0", 0);
        String all = owners(servers, 1000);
        String less = owners(servers, 1000, 1);
        int[] shares = new int[4];
        for (int i = 0; i < all.length(); i++) {
            shares[all.charAt(i) - '0']++;
            assertTrue(all.charAt(i) == less.charAt(i) || all.charAt(i) == '1', "key " + i + " moved");
        }
        assertTrue(shares[0] > 150 && shares[1] > 150 && shares[2] > 350 && shares[3] == 0, () ->
            shares[0] + " " + shares[1] + " " + shares[2]);
        assertEquals(all, owners(servers("1 1 2 0", 0), 1000), "the same in each process");
        assertEquals("-", owners(servers("0", 0), 1));
    }

    @Test
    void failuresCountWithinTheirTimeAndOneAnswerEndsThem() {
        UpstreamServer server = servers("1", 0).getFirst();
        server.failed(0);
        server.failed(11 * SECOND);
        assertTrue(server.isOpen(false, 11 * SECOND), "the first one is too old to count");
        server.failed(12 * SECOND);
        assertTrue(!server.isOpen(false, 13 * SECOND));
        assertTrue(server.isOpen(true, 13 * SECOND), "where there is no other");
        assertTrue(server.isOpen(false, 22 * SECOND), "it gets another chance");
        server.failed(23 * SECOND);
        assertTrue(!server.isOpen(false, 24 * SECOND), "one failure is enough now");
        server.state().answered(200);
        assertTrue(server.isOpen(false, 24 * SECOND));
    }

    @Test
    void aShareGrowsAfterAnAbsence() {
        List<UpstreamServer> servers = servers("1 1", 100);
        servers.get(0).state().drained(true, 0);
        assertTrue(!servers.get(0).isOpen(true, 0));
        servers.get(0).state().drained(false, 0);
        RoundRobin balancer = new RoundRobin(servers);
        int first = shares(balancer, new Asking(new BitSet(), SECOND), 2, 2000)[0];
        int half = shares(balancer, new Asking(new BitSet(), 50 * SECOND), 2, 2000)[0];
        int all = shares(balancer, new Asking(new BitSet(), 101 * SECOND), 2, 2000)[0];
        assertTrue(first < 200 && half > 400 && half < 900, first + " then " + half);
        assertEquals(1000, all);
    }
}

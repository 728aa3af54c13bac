// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections of a loop come, rest, change their protocol and go; who waits for that is told. */
class HttpLoopLifeTest {
    private final EmbeddedChannel clock = new EmbeddedChannel();
    private final List<String> events = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private long now = 5;
    private final HttpLoop loop = new HttpLoop(clock.eventLoop(), 0, "1.2.3", (level, text) -> log.add(text),
        () -> now);

    private final class Connection extends LoopConnection {
        private final String name;
        private boolean removesItself;

        Connection(String name) {
            this.name = name;
        }

        @Override
        protected void check(long time) {
            events.add(name + "@" + time);
            if (removesItself) {
                loop.remove(this);
            }
        }

        @Override
        protected boolean closeIfIdle(boolean slowly) {
            events.add(name + (slowly ? " slowly" : " now"));
            loop.remove(this);
            return true;
        }
    }

    private Connection added(String name) {
        Connection connection = new Connection(name);
        loop.add(connection);
        return connection;
    }

    private HttpCounters.Totals totals() {
        return loop.counters().totals();
    }

    /** Looks at connections that come. */
    private static final class Probe implements ExchangeProbe {
        private final List<Channel> opened = new ArrayList<>();

        @Override
        public void opened(Channel connection) {
            opened.add(connection);
        }

        @Override
        public void done(Exchange exchange, boolean complete) {
            throw new AssertionError("there are no exchanges");
        }
    }

    // ---- the list -----------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"abc", "acb", "bac", "bca", "cab", "cba"})
    void theyGoInAnyOrder(String order) {
        List<Connection> all = List.of(added("a"), added("b"), added("c"));
        List<String> left = new ArrayList<>(List.of("c@5", "b@5", "a@5"));
        for (char name : order.toCharArray()) {
            loop.check();
            assertEquals(left, events);
            events.clear();
            loop.remove(all.get(name - 'a'));
            loop.remove(all.get(name - 'a'));
            left.remove(name + "@5");
        }
        loop.check();
        assertEquals(List.of(), events);
        assertEquals(new HttpCounters.Totals(3, 0, 3, 0), totals());
    }

    @Test
    void oneMayGoWhileAllAreLookedAt() {
        added("a");
        added("b").removesItself = true;
        added("c").removesItself = true;
        loop.check();
        assertEquals(List.of("c@5", "b@5", "a@5"), events);
        loop.check();
        assertEquals(List.of("c@5", "b@5", "a@5", "a@5"), events);
    }

    @Test
    void nobodyIsLookedAtWhenNobodyIsThere() {
        clock.advanceTimeBy(10, TimeUnit.SECONDS);
        assertEquals(-1, clock.runScheduledPendingTasks(), "no timer");
        Connection a = added("a");
        loop.remove(a);
        clock.advanceTimeBy(600, TimeUnit.MILLISECONDS);
        clock.runScheduledPendingTasks();
        assertEquals(List.of(), events);
        assertEquals(-1, clock.runScheduledPendingTasks(), "and it ends by itself");
        added("b");
        clock.advanceTimeBy(600, TimeUnit.MILLISECONDS);
        clock.runScheduledPendingTasks();
        assertEquals(List.of("b@5"), events, "until somebody comes");
    }

    @Test
    void idleOnesAreAskedToLeave() {
        added("a");
        Connection busy = added("b");
        added("c");
        loop.begun(busy);
        loop.leaveIdle();
        clock.runPendingTasks();
        assertEquals(List.of("c slowly", "a slowly"), events);
        assertEquals(new HttpCounters.Totals(3, 0, 2, 0), totals());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 100})
    void someAreClosedToFreeDescriptors(int most) {
        Connection a = added("a");
        added("b");
        loop.begun(a);
        loop.rested(a);
        int closed = Math.min(2, most);
        assertEquals(closed, loop.closeIdle(most));
        assertEquals(List.of("b now", "a now").subList(0, closed), events, "the longest waiting first");
        assertEquals(closed, totals().closed());
    }

    @Test
    void restingTwiceKeepsThePlaceInTheRow() {
        Connection a = added("a");
        added("b");
        loop.rested(a);
        assertEquals(2, totals().idle());
        loop.closeIdle(1);
        assertEquals(List.of("a now"), events, "it has not worked since");
    }

    // ---- who waits ----------------------------------------------------

    @Test
    void whoWaitsForTheLastIsToldOnce() {
        CompletableFuture<Void> before = loop.empty().toCompletableFuture();
        assertFalse(before.isDone(), "on the loop");
        clock.runPendingTasks();
        assertTrue(before.isDone(), "nobody was there");
        Connection a = added("a");
        Connection b = added("b");
        CompletableFuture<Void> one = loop.empty().toCompletableFuture();
        CompletableFuture<Void> other = loop.empty().toCompletableFuture();
        clock.runPendingTasks();
        loop.remove(b);
        assertFalse(one.isDone() || other.isDone());
        loop.remove(a);
        assertTrue(one.isDone() && other.isDone());
        loop.remove(added("c"));
        assertEquals(3, totals().closed());
    }

    // ---- other protocols ----------------------------------------------

    @Test
    void aConnectionThatChangesItsProtocolIsOneAndTheSame() {
        Probe probe = new Probe();
        loop.watch(probe);
        EmbeddedChannel channel = new EmbeddedChannel();
        Connection before = new Connection("a");
        loop.add(before, channel);
        assertEquals(List.of(channel), probe.opened);
        loop.handOver(before, channel);
        Connection after = new Connection("b");
        loop.add(after, channel);
        assertEquals(List.of(channel), probe.opened, "no new one");
        assertEquals(new HttpCounters.Totals(1, 1, 0, 0), totals());
        loop.remove(after);
        assertEquals(new HttpCounters.Totals(1, 0, 1, 0), totals());
        EmbeddedChannel closed = new EmbeddedChannel();
        Connection last = new Connection("c");
        loop.add(last, closed);
        closed.close();
        loop.handOver(last, closed);
        assertEquals(new HttpCounters.Totals(2, 0, 2, 0), totals(), "one that is closed goes nowhere");
        channel.close();
    }

    // ---- probes -------------------------------------------------------

    @Test
    void whoLooksIsAskedForNothingAfterwards() {
        assertNull(loop.probe());
        ExchangeProbe one = new Probe();
        ExchangeProbe other = new Probe();
        loop.unwatch(one);
        assertNull(loop.probe());
        loop.watch(one);
        assertSame(one, loop.probe());
        loop.watch(other);
        loop.unwatch(one);
        assertSame(other, loop.probe());
        loop.unwatch(one);
        assertSame(other, loop.probe());
        loop.unwatch(other);
        assertNull(loop.probe());
    }

    @Test
    void aListenerThatFailsIsLoggedAndTheEndComesAllTheSame() {
        TestExchange exchange = new TestExchange();
        List<String> told = new ArrayList<>();
        exchange.onDone((ended, complete) -> told.add("first " + complete));
        exchange.onDone((ended, complete) -> {
            throw new IllegalArgumentException("broken");
        });
        exchange.abort();
        assertEquals(List.of("first false"), told);
        assertTrue(exchange.isDone());
        assertEquals(List.of("alert a listener of a request failed: java.lang.IllegalArgumentException: broken"),
            exchange.log);
        assertEquals("cut", exchange.wire.toString());
    }

    @Test
    void headsAreLentToOneAtATime() {
        ResponseHead one = loop.takeHead();
        ResponseHead other = loop.takeHead();
        other.clear(200);
        loop.give(other);
        loop.give(one);
        assertSame(one, loop.takeHead(), "only its own is kept");
        assertEquals("1.2.3", loop.version());
        assertEquals(List.of(), log);
    }
}

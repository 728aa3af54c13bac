// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.margay.engine.EventLoops;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the connections of a loop share. */
class HttpLoopTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final HttpLoop loop = new HttpLoop(channel.eventLoop(), 3, "1.35.0", (level, text) -> { }, () -> 42);
    private final List<String> events = new ArrayList<>();

    private final class Connection extends LoopConnection {
        private final String name;
        private boolean busy;

        Connection(String name) {
            this.name = name;
            loop.add(this);
        }

        @Override
        protected void check(long now) {
            events.add(name + "@" + now);
        }

        @Override
        protected boolean closeIfIdle(boolean slowly) {
            if (!busy) {
                events.add("close " + name);
                loop.remove(this);
            }
            return !busy;
        }
    }

    @Test
    void theLongestWaitingAreClosedFirst() {
        Connection a = new Connection("a");
        Connection b = new Connection("b");
        Connection c = new Connection("c");
        Connection d = new Connection("d");
        loop.begun(b);
        loop.begun(a);
        loop.rested(a);
        c.busy = true;
        assertEquals(2, loop.closeIdle(2));
        assertEquals(List.of("close d", "close a"), events);
        loop.rested(b);
        assertEquals(1, loop.closeIdle(10));
        assertEquals(List.of("close d", "close a", "close b"), events);
        assertEquals(new HttpCounters.Totals(4, 1, 3, 0), loop.counters().totals());
        loop.remove(d);
        assertEquals(3, loop.counters().totals().closed());
    }

    @Test
    void countersFollowConnections() {
        Connection a = new Connection("a");
        Connection b = new Connection("b");
        loop.begun(a);
        loop.begun(a);
        loop.counters().request();
        assertEquals(new HttpCounters.Totals(2, 1, 0, 1), loop.counters().totals());
        assertEquals(1, loop.counters().totals().active());
        loop.remove(a);
        loop.rested(a);
        loop.remove(b);
        assertEquals(new HttpCounters.Totals(2, 0, 2, 1), loop.counters().totals());
        assertEquals(4, loop.counters().totals().plus(loop.counters().totals()).closed());
    }

    @Test
    void allAreLookedAtTwiceASecond() {
        new Connection("a");
        new Connection("b");
        channel.advanceTimeBy(501, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        assertEquals(List.of("b@42", "a@42"), events);
        assertEquals(3, loop.index());
        assertEquals("GMT", new String(loop.date(), StandardCharsets.ISO_8859_1).substring(26));
    }

    @Test
    void headsAreLentOneAtATime() {
        ResponseHead first = loop.takeHead();
        ResponseHead second = loop.takeHead();
        assertNotSame(first, second);
        loop.give(second);
        assertNotSame(first, loop.takeHead());
        loop.give(first);
        assertSame(first, loop.takeHead());
        first.clear(200);
        first.read(TestExchange.bytes("A: " + "b".repeat(100_000) + "\r\n"));
        loop.give(first);
        assertNotSame(first, loop.takeHead());
    }

    @Test
    void theClockStandsDuringOneTurn() throws Exception {
        try (EventLoops loops = EventLoops.create("clock", 1)) {
            EventLoop netty = loops.loop(0).netty();
            HttpLoop real = new HttpLoop(netty, 0, "1", (level, text) -> { });
            long before = System.nanoTime();
            long[] seen = netty.submit(() -> {
                long first = real.now();
                long until = System.nanoTime() + 1000;
                while (System.nanoTime() < until) {
                    Thread.onSpinWait();
                }
                return new long[] {first, real.now()};
            }).get(10, TimeUnit.SECONDS);
            assertEquals(seen[0], seen[1]);
            // Not in the same turn, which ends before the loop waits for this.
            long later = netty.schedule(real::now, 20, TimeUnit.MILLISECONDS).get(10, TimeUnit.SECONDS);
            assertEquals(true, seen[0] >= before && later > seen[0]);
        }
    }

    @Test
    void errorPages() {
        Answer page = loop.pages().of(404);
        assertSame(page, loop.pages().of(404));
        assertEquals("<!DOCTYPE html><title>Error 404</title><p>Error 404.\r\n",
            new String(page.body(), StandardCharsets.ISO_8859_1));
        assertEquals("text/html", page.fields().value(0).toString());
        assertEquals(500, loop.pages().of(-1).status());
        assertEquals(500, loop.pages().of(1000).status());
        assertEquals("<!DOCTYPE html><title>Error 000</title><p>Error 000.\r\n",
            new String(loop.pages().of(0).body(), StandardCharsets.ISO_8859_1));
    }
}

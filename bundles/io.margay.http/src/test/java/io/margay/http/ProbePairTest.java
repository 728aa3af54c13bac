// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Several probes of one loop. */
class ProbePairTest {
    private final TestExchange exchange = new TestExchange();
    private final List<String> seen = new ArrayList<>();

    private ExchangeProbe probe(String name) {
        return new ExchangeProbe() {
            @Override
            public void reached(Exchange reached, Timings.Stage stage) {
                seen.add(name + " " + stage);
            }

            @Override
            public void done(Exchange done, boolean complete) {
                seen.add(name + " done");
            }
        };
    }

    @Test
    void allSeeWhatHappensAndEachGoesAlone() {
        ExchangeProbe one = probe("one");
        ExchangeProbe two = probe("two");
        ExchangeProbe three = probe("three");
        HttpLoop loop = exchange.loop();
        List.of(one, two, three).forEach(loop::watch);
        exchange.mark(Timings.Stage.ROUTE);
        // It came in by no listener: it is not shown.
        assertEquals(List.of(), seen);
        exchange.timings().listener("*:80");
        exchange.mark(Timings.Stage.ROUTE);
        assertEquals(List.of("one ROUTE", "two ROUTE", "three ROUTE"), seen);
        seen.clear();
        loop.unwatch(two);
        loop.unwatch(two);
        exchange.mark(Timings.Stage.QUEUE);
        loop.probe().done(exchange, true);
        assertEquals(List.of("one QUEUE", "three QUEUE", "one done", "three done"), seen);
        loop.unwatch(one);
        assertSame(three, loop.probe());
        loop.unwatch(three);
        assertNull(loop.probe());
    }

    @Test
    void namesAreThoseOfOneExchange() {
        Timings timings = exchange.timings();
        timings.mark(Timings.Stage.BEGIN, 1);
        timings.listener("a");
        timings.route("/routes/0/action");
        timings.application("blog");
        timings.note(this);
        assertEquals("a /routes/0/action blog", timings.listener() + " " + timings.route() + " "
            + timings.application());
        assertSame(this, timings.note());
        timings.clear();
        assertEquals("", timings.listener() + timings.route() + timings.application());
        assertNull(timings.note());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One response, one end, whatever the protocol. */
class ExchangeTest {
    private final TestExchange exchange = new TestExchange();

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "200|'X: y\r\n'|'head 200 [X=y] -1,flush,data abc,end,done'",
        "200|'Content-Length: 3\r\n'|'head 200 [Content-Length=3] 3,flush,data abc,end,done'",
        "200|'Content-Length: 2\r\n'|'head 200 [Content-Length=2] 2,flush,last,data ab,end,done'",
        "200|'Content-Length: 9\r\n'|'head 200 [Content-Length=9] 9,flush,data abc,short end,done'",
        "200|'Content-Length: x\r\n'|'last,head 200 [] -1,flush,data abc,end,done'",
        "200|'Content-Length: 3\r\ncontent-length: 3\r\n'|'last,head 200 [] -1,flush,data abc,end,done'",
        "204|'Content-Length: 3\r\n'|'head 204 [] -1 none,flush,done'",
        "304|'Content-Length: 3\r\n'|'head 304 [Content-Length=3] 3 none,flush,done'",
        "200|'Status: 200 OK\r\nServer: x\r\nConnection: x\r\n\r\n'|'head 200 [] -1,flush,data abc,end,done'",
        "200|'Status: x\r\n'|'answer 503 body,done'", "200|'a'|'answer 503 body,done'",
        "199|''|'answer 503 body,done'", "1000|''|'answer 503 body,done'",
        "200|'A: 12345678901234567890123456789012345678901234567890"
            + "12345678901234567890123456789012345678901234567890\r\n'"
            + "|'answer 502 body,done'"})
    void applications(int status, String lines, String expected) {
        exchange.start(status, TestExchange.bytes(lines));
        exchange.write(exchange.owned(""), false);
        exchange.write(exchange.owned("abc"), true);
        assertEquals(expected.replace(",", "|"), exchange.wire.toString());
        assertEquals(0, exchange.leaks());
    }

    @Test
    void endsOnce() {
        List<String> ends = new ArrayList<>();
        exchange.onDone((e, complete) -> {
            ends.add("first " + complete);
            e.abort();
            assertEquals("/p", e.request().path().toString());
        });
        exchange.onDone((e, complete) -> {
            throw new IllegalStateException("a bad listener");
        });
        exchange.respond(200, Fields.NONE, new byte[0]);
        exchange.fail(500);
        exchange.abort();
        exchange.respond(200, Fields.NONE, exchange.owned("abc"));
        exchange.respond(new Answer(200, Fields.NONE, new byte[0]));
        exchange.write(exchange.owned("abc"), true);
        assertFalse(exchange.start(200, Fields.NONE, 1));
        assertFalse(exchange.start(200, TestExchange.bytes("")));
        exchange.interim(103, Fields.NONE);
        assertEquals("head 200 [] 0|end|done", exchange.wire.toString());
        assertEquals(List.of("first true"), ends);
        assertEquals(0, exchange.leaks());
        assertEquals(1, exchange.log.size());
    }

    @Test
    void failingAfterTheHeadCuts() {
        assertTrue(exchange.start(200, Fields.NONE, 10));
        assertThrows(IllegalStateException.class, () -> exchange.start(200, Fields.NONE, 10));
        assertThrows(IllegalStateException.class, () -> exchange.respond(200, Fields.NONE, exchange.owned("x")));
        exchange.fail(500);
        assertEquals("head 200 [] 10|cut", exchange.wire.toString());
        assertEquals(0, exchange.leaks());
    }

    @Test
    void aBodyNeedsAHead() {
        assertThrows(IllegalStateException.class, () -> exchange.write(exchange.owned("x"), true));
        assertEquals(0, exchange.leaks());
    }

    @Test
    void interimResponsesComeBeforeTheHead() {
        exchange.interim(103, Fields.of("Link", "</a>"));
        exchange.interim(200, Fields.NONE);
        exchange.interim(101, Fields.NONE);
        exchange.start(200, Fields.NONE, -1);
        exchange.interim(103, Fields.NONE);
        exchange.trailer(AsciiString.of("T"), AsciiString.of("u"));
        exchange.write(exchange.owned("x"), true);
        assertEquals("interim 103|head 200 [] -1|data x|end T=u|done", exchange.wire.toString());
    }

    @Test
    void refusalsAreTheLastOfTheirConnection() {
        exchange.refuse(431);
        assertEquals("last|answer 431 body|done", exchange.wire.toString());
    }

    @Test
    void whoWaitsForTheClientIsWokenOnce() {
        int[] woken = {0};
        exchange.onWritable(() -> woken[0]++);
        exchange.writable();
        exchange.writable();
        assertEquals(1, woken[0]);
        exchange.abort();
        exchange.onWritable(() -> woken[0]++);
        exchange.writable();
        assertEquals(1, woken[0]);
    }

    @Test
    void stagesAreNoted() {
        exchange.mark(Timings.Stage.QUEUE);
        exchange.respond(200, Fields.NONE, new byte[0]);
        Timings timings = exchange.timings();
        assertTrue(timings.has(Timings.Stage.FIRST_BYTE));
        assertTrue(timings.has(Timings.Stage.LAST_BYTE));
        assertFalse(timings.has(Timings.Stage.WORKER));
        assertEquals(7, timings.at(Timings.Stage.QUEUE));
        timings.mark(Timings.Stage.WORKER, 9);
        assertEquals(2, timings.between(Timings.Stage.QUEUE, Timings.Stage.WORKER));
        assertEquals(0, timings.between(Timings.Stage.BEGIN, Timings.Stage.WORKER));
        timings.clear();
        assertFalse(timings.has(Timings.Stage.QUEUE));
        assertEquals(0, timings.at(Timings.Stage.QUEUE));
    }

    @Test
    void hopsAreCounted() {
        assertEquals(1, exchange.hop());
        assertEquals(2, exchange.hop());
        exchange.path(AsciiString.of("/q"));
        assertEquals("/q", exchange.request().path().toString());
        assertSame(exchange, exchange.request());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.engine.Generation;
import io.margay.http.Exchange;
import io.margay.http.ExchangeHandler;
import io.margay.http.Fields;
import io.margay.http.HttpBinding;
import io.margay.http.HttpCounters;
import io.margay.http.HttpSettings;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keep-alive, pipelining, timers, ends of connections: spec/http.md §2, §8, §9. */
class ConnectionTest {
    private static final String GET = "GET / HTTP/1.1\r\n\r\n";
    private static final String HEAD = "\r\nServer: Unit/1.35.0\r\nDate: D\r\n";
    private static final String OK = "HTTP/1.1 200 OK" + HEAD + "Content-Length: 2\r\n\r\nok";

    private static final byte[] BODY = "ok".getBytes(StandardCharsets.ISO_8859_1);

    private static void ok(Exchange e) {
        e.respond(200, Fields.NONE, BODY);
    }

    private static String page(int status, String phrase, String connection) {
        return "HTTP/1.1 " + status + " " + phrase + "\r\nContent-Type: text/html" + HEAD + "Content-Length: 54\r\n"
            + connection + "\r\n<!DOCTYPE html><title>Error " + status + "</title><p>Error " + status + ".\r\n";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {
        "1.1|-|-|true", "1.1|close|close|false", "1.1|keep-alive|-|true", "1.0|-|-|false",
        "1.0|Keep-Alive|keep-alive|true", "1.1|close, keep-alive|-|true", "1.1|x-CLOSE-y|close|false",
        "1.0|close|-|false", "1.5|-|-|true"})
    void keepAlive(String version, String field, String answered, boolean open) {
        try (Wire wire = new Wire(ConnectionTest::ok)) {
            String text = wire.send("GET / HTTP/" + version + "\r\n" + (field == null ? "" : "Connection: " + field
                + "\r\n") + "\r\n").take();
            assertEquals("HTTP/1.1 200 OK" + HEAD + "Content-Length: 2\r\n"
                + (answered == null ? "" : "Connection: " + answered + "\r\n") + "\r\nok", text);
            assertEquals(open, wire.isOpen());
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOneWrite() {
        try (Wire wire = new Wire(ConnectionTest::ok)) {
            wire.send(GET + GET + GET);
            assertEquals(1, wire.channel.outboundMessages().size());
            assertEquals(OK + OK + OK, wire.take());
            assertEquals(new HttpCounters.Totals(1, 1, 0, 3), wire.loop.counters().totals());
        }
    }

    @Test
    void requestsWaitForTheOneBefore() {
        List<Exchange> waiting = new ArrayList<>();
        try (Wire wire = new Wire(waiting::add)) {
            wire.send(GET + "GET /2 HT").send("TP/1.1\r\n\r\n");
            assertEquals(1, waiting.size());
            assertFalse(wire.channel.config().isAutoRead());
            ok(waiting.get(0));
            assertEquals(2, waiting.size());
            assertEquals("/2", waiting.get(1).request().path().toString());
            ok(waiting.get(1));
            assertTrue(wire.channel.config().isAutoRead());
            assertEquals(OK + OK, wire.take());
            assertThrows(IllegalStateException.class, () -> waiting.get(0).request().method());
        }
    }

    @Test
    void generationIsLeftAtTheEndOfEachRequest() {
        List<Exchange> waiting = new ArrayList<>();
        try (Wire wire = new Wire(waiting::add)) {
            wire.send(GET);
            assertEquals(1, wire.generation.count());
            wire.server.rebind(new HttpBinding(HttpSettings.DEFAULTS, ConnectionTest::ok,
                new io.margay.engine.Generation(), false));
            assertFalse(wire.generation.retire().toCompletableFuture().isDone());
            ok(waiting.get(0));
            assertTrue(wire.generation.retire().toCompletableFuture().isDone());
            wire.take();
            assertEquals(OK, wire.send(GET).take());
            assertEquals(1, waiting.size());
        }
    }

    @Test
    void removedListenerSendsTheIdleResponse() {
        try (Wire wire = new Wire(ConnectionTest::ok)) {
            wire.server.remove();
            assertEquals("HTTP/1.1 408 Request Timeout\r\nServer: Unit/1.35.0\r\nConnection: close\r\n"
                + "Content-Length: 0\r\nDate: D\r\n\r\n", wire.send(GET).take());
            assertFalse(wire.isOpen());
            assertEquals(new HttpCounters.Totals(1, 0, 1, 0), wire.loop.counters().totals());
        }
    }

    @Test
    void idleTimeout() {
        try (Wire wire = new Wire(ConnectionTest::ok)) {
            assertEquals("", wire.pass(29.9).take());
            assertEquals(408, wire.pass(0.2).status());
            assertFalse(wire.isOpen());
        }
        try (Wire wire = new Wire(ConnectionTest::ok)) {
            wire.pass(29);
            assertEquals(OK, wire.send(GET).take());
            assertEquals("", wire.pass(29).take());
            assertEquals(408, wire.pass(2).status());
        }
    }

    @Test
    void headTimeoutIsNotReArmed() {
        try (Wire wire = new Wire(ConnectionTest::ok)) {
            wire.send("GET /").pass(20).send("a").pass(9);
            assertEquals("", wire.take());
            assertEquals(page(408, "Request Timeout", "Connection: close\r\n"), wire.pass(1).take());
            assertTrue(wire.isOpen(), "drains for a moment");
            assertFalse(wire.pass(3).isOpen());
            assertEquals(1, wire.loop.counters().totals().requests());
        }
    }

    @Test
    void bodyTimeoutIsReArmed() {
        try (Wire wire = new Wire(ConnectionTest::ok)) {
            wire.send("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\na").pass(29).send("b").pass(29);
            assertEquals("", wire.take());
            assertEquals(408, wire.pass(2).status());
        }
    }

    @Test
    void halfClosedClientsGetTheirResponse() {
        List<Exchange> waiting = new ArrayList<>();
        try (Wire wire = new Wire(waiting::add)) {
            wire.send(GET + GET).endInput();
            assertTrue(wire.isOpen());
            ok(waiting.get(0));
            ok(waiting.get(1));
            assertEquals(OK + OK, wire.take());
            assertFalse(wire.isOpen());
        }
        for (String version : new String[] {"1.1", "1.0"}) {
            try (Wire wire = new Wire(waiting::add)) {
                wire.send(GET.replace("1.1", version)).pass(5).endInput();
                assertEquals("", wire.pass(0.9).take());
                // Whether it is still there shows when something is sent to it: the second time at the latest.
                String word = version.equals("1.1") ? "HTTP/1.1 102 \r\n\r\n" : "";
                assertEquals(word, wire.pass(0.2).take());
                assertEquals(word, wire.pass(1.1).take());
                assertEquals("", wire.pass(60).take());
                ok(waiting.getLast());
                assertEquals(200, wire.status());
                assertFalse(wire.isOpen());
            }
        }
        try (Wire wire = new Wire(ConnectionTest::ok)) {
            assertEquals("", wire.send("GET / HT").endInput().take());
            assertFalse(wire.isOpen());
            assertEquals(0, wire.generation.count());
        }
    }

    @Test
    void lostClientsEndTheExchangeOnce() {
        List<Boolean> ends = new ArrayList<>();
        List<Exchange> waiting = new ArrayList<>();
        try (Wire wire = new Wire(e -> {
            e.onDone((exchange, complete) -> ends.add(complete));
            waiting.add(e);
        })) {
            wire.send("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\na");
            wire.channel.close();
            assertEquals(List.of(false), ends);
            Exchange gone = waiting.get(0);
            gone.write(Wire.bytes("late"), true);
            ok(gone);
            gone.fail(500);
            gone.abort();
            assertEquals(List.of(false), ends);
            assertEquals(0, wire.generation.count());
            assertEquals(new HttpCounters.Totals(1, 0, 1, 1), wire.loop.counters().totals());
        }
    }

    @Test
    void failuresOfTheHandler() {
        try (Wire wire = new Wire(e -> {
            throw new IllegalStateException("broken");
        })) {
            assertEquals(page(500, "Internal Server Error", ""), wire.send(GET).take());
            assertTrue(wire.isOpen());
        }
        try (Wire wire = new Wire(e -> {
            e.start(200, Unpooled.EMPTY_BUFFER);
            throw new IllegalStateException("broken");
        })) {
            assertEquals("", wire.send(GET).take());
            assertFalse(wire.isOpen());
        }
    }

    @Test
    void plainRequestToTlsListener() {
        try (Wire wire = new Wire(ConnectionTest::ok)) {
            wire.server.rebind(new HttpBinding(HttpSettings.DEFAULTS, ConnectionTest::ok, wire.generation, true));
            String text = wire.send(GET).take();
            assertEquals("HTTP/1.1 400 The plain HTTP request was sent to HTTPS port", text.substring(0, 58));
            assertTrue(text.endsWith("<title>Error 497</title><p>Error 497.\r\n"));
        }
    }

    @Test
    void errorsOfVersionZero() {
        try (Wire wire = new Wire(ConnectionTest::ok)) {
            assertEquals(page(505, "HTTP Version Not Supported", ""), wire.send("GET / HTTP/2.0\r\n").take());
        }
        try (Wire wire = new Wire(ConnectionTest::ok)) {
            assertEquals(page(400, "Bad Request", "Connection: close\r\n"), wire.send("get").take());
        }
    }

    @Test
    void idleConnectionsCanBeClosed() {
        List<Exchange> waiting = new ArrayList<>();
        try (Wire wire = new Wire(waiting::add)) {
            wire.send(GET);
            assertEquals(0, wire.loop.closeIdle(10));
            ok(waiting.get(0));
            assertEquals(1, wire.loop.closeIdle(10));
            assertFalse(wire.isOpen());
        }
    }

    @Test
    void theLongestWaitingConnectionsAreClosedFirst() {
        List<Exchange> waiting = new ArrayList<>();
        try (Wire first = new Wire(waiting::add)) {
            EmbeddedChannel second = first.another();
            EmbeddedChannel third = first.another();
            // The first becomes the one that waits shortest.
            first.send(GET);
            ok(waiting.get(0));
            assertEquals(1, first.loop.closeIdle(1));
            second.runPendingTasks();
            assertFalse(second.isOpen());
            assertEquals(1, first.loop.closeIdle(1));
            third.runPendingTasks();
            assertFalse(third.isOpen());
            assertTrue(first.isOpen());
            assertEquals(1, first.loop.closeIdle(5));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"G", "GET / HTTP/1.1\r\n", "\r\n", "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\na"})
    void aRequestFinishesOnTheConfigurationOfItsFirstByte(String begin) {
        String whole = begin.startsWith("POST") ? begin + "b" : begin.equals("\r\n") ? begin + GET : GET;
        for (boolean removed : new boolean[] {true, false}) {
            try (Wire wire = new Wire(ConnectionTest::ok)) {
                wire.send(begin);
                assertEquals(1, wire.generation.count());
                if (removed) {
                    wire.server.remove();
                } else {
                    wire.server.rebind(new HttpBinding(HttpSettings.DEFAULTS, e -> e.fail(404), new Generation(),
                        false));
                }
                boolean empty = wire.generation.retire().toCompletableFuture().isDone();
                wire.channel.runPendingTasks();
                assertFalse(empty);
                assertEquals(OK, wire.send(whole.substring(begin.length())).take());
                assertEquals(0, wire.generation.count());
                assertTrue(wire.generation.retire().toCompletableFuture().isDone());
                assertEquals(removed ? 408 : 404, wire.send(GET).status());
            }
        }
    }

    @Test
    void aClientThatWaitsForAWordGetsIt() {
        String head = "POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n";
        try (Wire wire = new Wire(ConnectionTest::ok)) {
            assertEquals("HTTP/1.1 100 Continue\r\n\r\n", wire.send(head).take());
            assertEquals("", wire.send("a").take());
            assertEquals(OK, wire.send("b").take());
            assertEquals(OK, wire.send(head + "ab").take());
            assertEquals("", wire.send(head.replace("1.1", "1.0")).take());
        }
        try (Wire wire = new Wire(ConnectionTest::ok)) {
            assertEquals(413, wire.send(head.replace("2", "99999999")).status());
        }
    }

    @Test
    void interimResponsesAndTrailers() {
        ExchangeHandler handler = e -> {
            e.interim(103, Fields.of("Link", "</a>"));
            e.start(200, Fields.NONE, -1);
            e.write(Wire.bytes("ab"), false);
            e.trailer(AsciiString.of("Sum"), AsciiString.of("1"));
            e.write(Wire.bytes(""), true);
        };
        try (Wire wire = new Wire(handler)) {
            assertEquals("HTTP/1.1 103 \r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nServer: Unit/1.35.0\r\nDate: D\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nSum: 1\r\n\r\n", wire.send(GET).take());
            assertEquals("HTTP/1.1 200 OK\r\nServer: Unit/1.35.0\r\nDate: D\r\n\r\nab",
                wire.send(GET.replace("1.1", "1.0")).take());
            assertFalse(wire.isOpen());
        }
    }

    @Test
    void anotherProtocolMayTakeTheConnection() {
        try (Wire wire = new Wire(ConnectionTest::ok)) {
            wire.send("GET / HT");
            assertEquals(1, wire.generation.count());
            wire.channel.pipeline().removeLast();
            assertEquals(0, wire.generation.count());
            assertEquals(new HttpCounters.Totals(1, 0, 1, 1), wire.loop.counters().totals());
            assertTrue(wire.isOpen());
        }
    }

    @Test
    void aFilterThatFailsLeavesNothingBehind() {
        try (Wire wire = new Wire(HttpSettings.DEFAULTS.change().bodyBufferSize(1).build(), e -> {
            e.filter((x, head) -> {
                throw new IllegalStateException("broken");
            });
            assertTrue(e.request().bodyFile().isPresent());
            e.respond(200, Fields.NONE, Wire.bytes("x".repeat(9000)));
        })) {
            int before = Descriptors.open();
            for (int i = 0; i < 20; i++) {
                assertEquals(500, wire.send("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc").status());
            }
            assertEquals(before, Descriptors.open());
            assertEquals(0, wire.generation.count());
            assertTrue(wire.isOpen());
        }
    }

    @Test
    void aFilterOfTheBodyMakesItChunked() {
        try (Wire wire = new Wire(e -> {
            e.filter((x, head) -> Optional.of((data, last, out) -> out.write(data.retain(), last)));
            ok(e);
        })) {
            assertEquals("HTTP/1.1 200 OK\r\nServer: Unit/1.35.0\r\nDate: D\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "2\r\nok\r\n0\r\n\r\n", wire.send(GET).take());
            assertTrue(wire.isOpen());
        }
    }
}

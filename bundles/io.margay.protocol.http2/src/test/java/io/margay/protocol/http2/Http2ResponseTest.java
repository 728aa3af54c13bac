// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import static io.margay.testing.Http2Frames.data;
import static io.margay.testing.Http2Frames.get;
import static io.margay.testing.Http2Frames.headers;
import static io.margay.testing.Http2Frames.number;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Answer;
import io.margay.http.Exchange;
import io.margay.http.ExchangeHandler;
import io.margay.http.Fields;
import io.margay.http.HttpSettings;
import io.margay.testing.Http2Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultFileRegion;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses on a stream, their flow control and timers. */
class Http2ResponseTest {
    private static final String END = ", server=Unit/1.35.0, date=D";
    private static final int INITIAL_WINDOW = 4;

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    private static String answer(String method, ExchangeHandler handler) {
        try (Peer peer = new Peer(handler)) {
            peer.send(headers(1, true, ":method", method, ":scheme", "http", ":path", "/"));
            return peer.take();
        }
    }

    @Test
    void aWholeOne() {
        assertEquals("1 [:status=200, a=b" + END + ", content-length=2]\n1 hi end", answer("GET", e ->
            e.respond(200, Fields.of("A", "b", "Connection", "x", "Keep-Alive", "y"), new byte[] {'h', 'i'})));
        assertEquals("1 [:status=200" + END + ", content-length=2] end", answer("HEAD", e ->
            e.respond(200, Fields.NONE, new byte[2])));
        assertEquals("1 [:status=204" + END + ", content-length=0] end", answer("GET", e ->
            e.respond(204, Fields.NONE, new byte[0])));
        assertEquals("1 [:status=404, content-type=text/html" + END + ", content-length=54] end", answer("HEAD", e ->
            e.fail(404)));
    }

    /** No final response of HTTP/2 has a status below 200: with the end of a stream it would be malformed. */
    @ParameterizedTest
    @ValueSource(ints = {0, 99, 100, 101, 103, 199})
    void aStatusThatIsNoneOfAFinalResponse(int status) {
        String error = "1 [:status=500, content-type=text/html" + END + ", content-length=54] end";
        assertEquals(error, answer("HEAD", e -> e.respond(new Answer(status, Fields.NONE, new byte[0]))));
        assertEquals(error, answer("HEAD", e -> e.respond(status, Fields.of("A", "b"), new byte[0])));
        assertEquals(error, answer("HEAD", e -> assertFalse(e.start(status, Fields.NONE, -1))));
    }

    /** Whatever says no to a WebSocket must not be a 2xx, which says yes. */
    @ParameterizedTest
    @ValueSource(ints = {200, 204, 299, 300, 404})
    void whoAsksForAWebSocketIsNotToldThatItIsThere(int status) {
        for (ExchangeHandler handler : List.<ExchangeHandler>of(e -> e.respond(status, Fields.NONE, new byte[0]),
            e -> e.respond(new Answer(status, Fields.NONE, new byte[0])), e -> {
                if (e.start(status, text("Content-Length: 0\r\n"))) {
                    e.write(Unpooled.EMPTY_BUFFER, true);
                }
            })) {
            try (Peer peer = new Peer(handler)) {
                peer.send(headers(1, false, ":method", "CONNECT", ":protocol", "websocket", ":scheme", "http", ":path",
                    "/", ":authority", "x", "sec-websocket-version", "13"));
                String answer = peer.take();
                assertTrue(answer.startsWith("1 [:status=" + (status < 300 ? 500 : status) + ","), answer);
            }
        }
    }

    @Test
    void theLengthOfWhatTheClientHas() {
        assertEquals("1 [:status=304, content-length=7" + END + "] end", answer("GET", e -> {
            assertTrue(e.start(304, text("Content-Length: 7\r\n")));
            e.write(Unpooled.EMPTY_BUFFER, true);
        }));
    }

    @Test
    void oneInPartsWithTrailersAndAnInterimOne() {
        assertEquals("1 [:status=103, link=x]\n1 [:status=200" + END + "]\n1 a\n1 b\n1 [t=u] end", answer("GET", e -> {
            e.interim(103, Fields.of("Link", "x"));
            e.start(200, Fields.NONE, -1);
            e.write(text("a"), false);
            e.write(text("b"), false);
            e.trailer(AsciiString.of("T"), AsciiString.of("u"));
            e.write(Unpooled.EMPTY_BUFFER, true);
        }).replace("1 ab", "1 a\n1 b"));
    }

    @Test
    void oneThatIsCutOrTooShortIsReset() {
        assertEquals("1 [:status=200" + END + "]\n1 a\n1 reset 2", answer("GET", e -> {
            e.start(200, Fields.NONE, -1);
            e.write(text("a"), false);
            e.loop().netty().execute(e::abort);
        }));
        assertEquals("1 [:status=200" + END + ", content-length=3]\n1 a\n1 reset 2", answer("GET", e -> {
            e.start(200, Fields.NONE, 3);
            e.write(text("a"), false);
            e.loop().netty().execute(() -> e.write(Unpooled.EMPTY_BUFFER, true));
        }));
        assertEquals("1 [:status=500, content-type=text/html" + END + ", content-length=54]\n"
            + "1 <!DOCTYPE html><title>Error 500</title><p>Error 500.\r\n end", answer("GET", e -> {
                throw new IllegalStateException("broken");
            }));
    }

    @Test
    void aFileIsReadAsTheClientTakesIt(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("f");
        Files.write(file, new byte[200_000]);
        try (Peer peer = new Peer(HttpSettings.DEFAULTS, e -> e.respond(200, Fields.NONE,
                new DefaultFileRegion(file.toFile(), 0, 200_000)), INITIAL_WINDOW, 100_000)) {
            peer.send(get(1, "/"));
            assertEquals(65_535, received(peer), "the window of the connection");
            peer.send(number(Http2Frames.WINDOW, 0, 1_000_000));
            assertEquals(100_000 - 65_535, received(peer), "the window of the stream");
            peer.send(number(Http2Frames.WINDOW, 1, 100_000));
            assertEquals(100_000, received(peer));
        }
    }

    private static long received(Peer peer) {
        return peer.frames().stream().filter(frame -> frame.type() == Http2Frames.DATA)
            .mapToLong(frame -> frame.payload().length).sum();
    }

    @Test
    void aProducerThatObeysWritesWhatTheClientTakes() {
        List<Exchange> exchanges = new ArrayList<>();
        int[] written = {0};
        try (Peer peer = new Peer(HttpSettings.DEFAULTS, e -> {
            exchanges.add(e);
            e.start(200, Fields.NONE, -1);
            produce(e, written);
        }, INITIAL_WINDOW, 5000)) {
            peer.send(get(1, "/"));
            assertEquals(5, written[0], "no part goes beyond the window");
            assertEquals(5000, received(peer));
            peer.send(number(Http2Frames.WINDOW, 1, 3000));
            assertEquals(8, written[0]);
            peer.send(number(Http2Frames.RESET, 1, 8));
            assertTrue(exchanges.getFirst().isDone());
        }
    }

    private static void produce(Exchange e, int[] written) {
        while (e.isWritable() && !e.isDone()) {
            written[0]++;
            e.write(Unpooled.wrappedBuffer(new byte[1000]), false);
        }
        e.onWritable(() -> produce(e, written));
    }

    @Test
    void whoOpensNoWindowLosesItsStream() {
        try (Peer peer = new Peer(HttpSettings.DEFAULTS, e -> e.respond(200, Fields.NONE, new byte[10]),
                INITIAL_WINDOW, 0)) {
            peer.send(get(1, "/"));
            peer.take();
            peer.pass(1).pass(20);
            assertEquals("", peer.take());
            peer.send(number(Http2Frames.WINDOW, 1, 1));
            peer.pass(15);
            peer.take();
            peer.pass(31);
            assertEquals("1 reset 8", peer.take());
            assertTrue(peer.isOpen());
        }
    }

    @Test
    void anAnswerBeforeTheBodyEndsTheRequest() {
        try (Peer peer = new Peer(HttpSettings.DEFAULTS.change().bodyReadTimeout(5).build(), e -> { })) {
            peer.send(headers(1, false, ":method", "PUT", ":scheme", "http", ":path", "/"), data(1, false, "a"));
            peer.pass(4).send(data(1, false, "b")).pass(4);
            assertEquals("", peer.take());
            peer.pass(2);
            String late = peer.take();
            assertTrue(late.startsWith("1 [:status=408") && late.endsWith("1 reset 0"), late);
        }
    }

    @Test
    void anIdleConnectionIsTold() {
        try (Peer peer = new Peer(e -> e.fail(404))) {
            peer.send(get(1, "/"));
            peer.take();
            peer.pass(29);
            assertEquals("", peer.take());
            peer.pass(2);
            assertEquals("goaway 1 0", peer.take());
            assertFalse(peer.pass(1).pass(2).isOpen());
            assertEquals(0, peer.loop.counters().totals().idle());
            assertEquals(1, peer.loop.counters().totals().requests());
            assertEquals(1, peer.loop.counters().totals().closed());
        }
    }

    @Test
    void fieldsThatDoNotComeToTheirEndEndIt() {
        HttpSettings settings = HttpSettings.DEFAULTS.change().headerReadTimeout(3).build();
        try (Peer peer = new Peer(settings, e -> e.fail(404))) {
            peer.send(Http2Frames.frame(Http2Frames.HEADERS, 0, 1, Http2Frames.fields(":method", "GET")));
            peer.pass(2);
            assertTrue(peer.isOpen());
            assertEquals("goaway 0 0", peer.pass(2).take());
            assertFalse(peer.pass(1).pass(2).isOpen());
        }
    }

    /** What has begun is finished, what comes in time is answered, then the connection ends. */
    @Test
    void aWebSocketTravelsByAStream() {
        StringBuilder frames = new StringBuilder();
        List<Exchange> exchanges = new ArrayList<>();
        try (Peer peer = new Peer(e -> {
            exchanges.add(e);
            frames.append(e.request().method()).append(e.request().isWebSocket()).append(' ');
            e.upgrade(text("Sec-WebSocket-Protocol: chat\r\n\r\n"), frame -> {
                frames.append(frame.readableBytes()).append(' ');
                frame.release();
                return true;
            });
            e.flush();
        })) {
            peer.send(headers(1, false, ":method", "CONNECT", ":protocol", "websocket", ":scheme", "http", ":path", "/",
                ":authority", "x", "sec-websocket-version", "13"));
            peer.channel.runPendingTasks();
            assertEquals("1 [:status=200, sec-websocket-protocol=chat" + END + "]", peer.take());
            peer.send(data(1, false, "\u0081\u0082\0\0\0\0hi"), data(1, false, "\u0089\u0080\0\0\0\0"));
            assertEquals("GETtrue 8 ", frames.toString());
            assertEquals("1 \u008a\0", peer.take(), "a pong");
            exchanges.getFirst().write(text("\u0081\u0001x"), false);
            exchanges.getFirst().flush();
            assertEquals("1 \u0081\u0001x", peer.take());
            peer.send(data(1, false, "\u0081\u0001x"));
            assertEquals("GETtrue 8 31 ", frames.toString(), "a close frame for the application");
            assertEquals("", peer.take(), "the application has a word first");
            exchanges.getFirst().write(text("\u0081\u0001y\u0088\0"), false);
            exchanges.getFirst().flush();
            String fault = peer.take();
            assertTrue(fault.startsWith("1 \u0081\u0001y") && fault.contains("\u0088") && fault.contains("end"), fault);
            assertTrue(exchanges.getFirst().isDone());
        }
    }
}

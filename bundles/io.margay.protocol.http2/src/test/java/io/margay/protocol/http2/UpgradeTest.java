// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.HttpCounters;
import io.margay.http.Protocols;
import io.margay.http.Request;
import io.margay.protocol.http1.Http1Protocol;
import io.margay.testing.Http2Frames;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of HTTP/1.1 that ask for HTTP/2: RFC 7540 §3.2. */
class UpgradeTest {
    private static final String ASKS = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n";
    /** As curl sends it: 100 streams, a window of 32 MiB, no pushes. */
    private static final String SETTINGS = "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n";
    private static final String SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c";

    private static void show(Exchange e) {
        Request request = e.request();
        StringBuilder all = new StringBuilder(request.line() + " " + request.path() + " " + request.host());
        for (int i = 0; i < request.fieldCount(); i++) {
            all.append(' ').append(request.name(i)).append('=').append(request.value(i));
        }
        e.respond(200, Fields.NONE, all.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Peer peer() {
        return new Peer(UpgradeTest::show, new Http1Protocol());
    }

    private static String body(Peer peer) {
        String text = peer.take();
        return text.substring(text.indexOf('\n') + 1);
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " -> ", ignoreLeadingAndTrailingWhitespace = false, value = {
        "GET /a?b HTTP/1.1|Host: Ex.COM:80 -> GET /a?b HTTP/2.0 /a ex.com host=Ex.COM:80 end",
        "GET /a/../%41 HTTP/1.1|Host: h|X-Y: 1|x-y: 2 -> GET /a/../%41 HTTP/2.0 /A h host=h x-y=1 x-y=2 end",
        "GET / HTTP/1.1|Host: h|Cookie: a=b|Cookie: c=d -> GET / HTTP/2.0 / h host=h cookie=a=b; c=d end",
        "GET / HTTP/1.1|Host: h|TE: trailers|Keep-Alive: 3|Proxy-Connection: x"
            + " -> GET / HTTP/2.0 / h host=h te=trailers end",
        "GET / HTTP/1.1|Host: h|TE: gzip|Connection: TE|Connection: keep-alive -> GET / HTTP/2.0 / h host=h end",
        "GET / HTTP/1.1|Host: h|Content-Length: 0 -> GET / HTTP/2.0 / h host=h content-length=0 end",
        "GET http://Other/x HTTP/1.1|Host: h -> GET /x HTTP/2.0 /x other host=Other end",
        "OPTIONS * HTTP/1.1|Host: h -> OPTIONS * HTTP/2.0 * h host=h end",
        "DELETE /x HTTP/1.9 -> DELETE /x HTTP/2.0 /x  end",
        "GET / HTTP/1.1|Host: h|Expect: 100-continue -> GET / HTTP/2.0 / h host=h expect=100-continue end"})
    void theRequestIsTheFirstStream(String lines, String expected) {
        String request = lines.replace("|", "\r\n") + "\r\n" + ASKS + SETTINGS + "\r\n";
        for (boolean slow : new boolean[] {false, true}) {
            try (Peer peer = peer()) {
                for (String part : slow ? request.split("") : new String[] {request}) {
                    assertEquals("", peer.head());
                    peer.send(part);
                }
                assertEquals(SWITCHED, peer.head());
                assertEquals("1 " + expected, body(peer));
                peer.send(Http2Frames.preface(), Http2Frames.get(3, "/next"));
                assertEquals("3 GET /next HTTP/2.0 /next localhost host=localhost end", body(peer));
                assertEquals(new HttpCounters.Totals(1, 1, 0, 2), peer.loop.counters().totals());
                assertEquals(List.of(), peer.log);
            }
        }
    }

    /** The server begins with its settings, and takes the end of the first stream for what it is. */
    @Test
    void framesFollowTheAnswerToTheQuestion() {
        try (Peer peer = peer()) {
            peer.send("HEAD / HTTP/1.1\r\nHost: h\r\n" + ASKS + SETTINGS + "\r\n");
            assertEquals(SWITCHED, peer.head());
            List<Http2Frames.Frame> frames = peer.frames();
            assertEquals(Http2Frames.SETTINGS, frames.getFirst().type());
            assertFalse(frames.getFirst().has(1), "it is no answer to those of the client");
            assertTrue(frames.getLast().stream() == 1 && frames.getLast().has(Http2Frames.END_STREAM));
            peer.send(Http2Frames.preface(), Http2Frames.get(1, "/again"));
            assertEquals("goaway 2147483647 5", peer.take(), "what is at an end is not begun again");
        }
    }

    /** Whatever a client sends without waiting comes behind the request. */
    @Test
    void whatComesWithTheRequestIsFrames() {
        byte[] preface = Http2Frames.preface();
        byte[] next = Http2Frames.get(3, "/next");
        byte[] asks = ("GET /first HTTP/1.1\r\nHost: h\r\n" + ASKS + SETTINGS + "\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
        byte[] before = "GET /before HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
        try (Peer peer = peer()) {
            peer.send(Http2Frames.join(before, asks, preface, next));
            assertTrue(peer.head().startsWith("HTTP/1.1 200 OK\r\n"));
            String rest = peer.head();
            assertEquals("GET /before HTTP/1.1 /before h Host=h" + SWITCHED, rest);
            String frames = peer.take();
            assertTrue(frames.contains("1 GET /first HTTP/2.0 /first h host=h end\n")
                && frames.endsWith("3 GET /next HTTP/2.0 /next localhost host=localhost end"), frames);
        }
    }

    /** The window is the one that the client has told with its question. */
    @Test
    void theSettingsOfTheQuestionCount() {
        try (Peer peer = new Peer(e -> e.respond(200, Fields.NONE, new byte[10]), new Http1Protocol())) {
            // A window of 4 bytes.
            peer.send("GET / HTTP/1.1\r\nHost: h\r\n" + ASKS + "HTTP2-Settings: AAQAAAAE\r\n\r\n");
            assertEquals(SWITCHED, peer.head());
            assertEquals(4, data(peer));
            peer.send(Http2Frames.preface(4, 4), Http2Frames.number(Http2Frames.WINDOW, 1, 6));
            assertEquals(6, data(peer));
        }
    }

    /** There are clients that give up when more than 32 KiB come with the words in which the server changes over. */
    @Test
    void littleComesBeforeTheClientHasBegun() {
        try (Peer peer = new Peer(e -> e.respond(200, Fields.NONE, new byte[100_000]), new Http1Protocol())) {
            peer.send("GET / HTTP/1.1\r\nHost: h\r\n" + ASKS + SETTINGS + "\r\n");
            assertEquals(SWITCHED, peer.head());
            assertEquals(16_384, data(peer));
            peer.send(Http2Frames.preface());
            assertEquals(65_535 - 16_384, data(peer), "the window of the connection");
            peer.send(Http2Frames.number(Http2Frames.WINDOW, 0, 100_000));
            assertEquals(100_000 - 65_535, data(peer));
        }
    }

    private static int data(Peer peer) {
        return peer.frames().stream().filter(frame -> frame.type() == Http2Frames.DATA)
            .mapToInt(frame -> frame.payload().length).sum();
    }

    /** What does not ask as it should is a request like others. */
    @ParameterizedTest
    @ValueSource(strings = {
        "GET / HTTP/1.1|Host: h|{A}", "GET / HTTP/1.1|Host: h|{A}|{S}|{S}",
        "GET / HTTP/1.1|Host: h|{A}|HTTP2-Settings: AAMAAABkAAQ", "GET / HTTP/1.1|Host: h|{A}|HTTP2-Settings: AAM=",
        "GET / HTTP/1.1|Host: h|{A}|HTTP2-Settings: AAMAAABk AAQ",
        "GET / HTTP/1.1|Host: h|{A}|HTTP2-Settings: AA+/AAAA",
        "GET / HTTP/1.1|Host: h|{A}|HTTP2-Settings: AASAAAAA", "GET / HTTP/1.1|Host: h|{A}|HTTP2-Settings: AAUAAAAB",
        "GET / HTTP/1.1|Host: h|{A}|HTTP2-Settings: AAIAAAAC",
        "GET / HTTP/1.1|Host: h|{A}|HTTP2-Settings: AAMAAABkAA==",
        "GET / HTTP/1.1|Host: h|Connection: Upgrade|Upgrade: h2c|{S}",
        "GET / HTTP/1.1|Host: h|Connection: HTTP2-Settings|Upgrade: h2c|{S}",
        "GET / HTTP/1.1|Host: h|Connection: UpgradeX, HTTP2-Settings|Upgrade: h2c|{S}",
        "GET / HTTP/1.1|Host: h|Upgrade: h2c|{S}", "GET / HTTP/1.1|Host: h|Connection: Upgrade, HTTP2-Settings|{S}",
        "GET / HTTP/1.1|Host: h|Connection: Upgrade, HTTP2-Settings|Upgrade: h2|{S}",
        "GET / HTTP/1.1|Host: h|Connection: Upgrade, HTTP2-Settings|Upgrade: h2c/2|{S}",
        "GET / HTTP/1.1|Host: h|Connection: Upgrade, HTTP2-Settings, X-Y|X-Y: 1|Upgrade: h2c|{S}",
        "GET / HTTP/1.1|Host: h|Connection: Upgrade, HTTP2-Settings, close|Upgrade: h2c|{S}",
        "GET / HTTP/1.0|Host: h|{A}|{S}", "GET /a b HTTP/1.1|Host: h|{A}|{S}", "GET / HTTP/1.1|Host: a b|{A}|{S}",
        "POST / HTTP/1.1|Host: h|{A}|{S}|Content-Length: 2"})
    void isAnsweredAsItCame(String lines) {
        String request = lines.replace("{A}", ASKS.strip()).replace("{S}", SETTINGS.strip()).replace("|", "\r\n")
            + "\r\n\r\n" + (lines.startsWith("POST") ? "ab" : "");
        try (Peer peer = peer()) {
            peer.send(request);
            assertTrue(peer.head().startsWith("HTTP/1.1 200 OK\r\n"));
            assertEquals(1, peer.loop.counters().totals().requests());
            if (lines.contains("close") || lines.contains("HTTP/1.0")) {
                assertFalse(peer.isOpen());
            } else {
                peer.head();
                peer.send("GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
                assertTrue(peer.head().contains("HTTP/1.1 200 OK\r\n"));
            }
        }
    }

    @Test
    void errorsAreThoseOfTheProtocolThatAsks() {
        for (String wrong : List.of("Host: a\r\nHost: b\r\n", "Content-Length: x\r\n", "X Y: 1\r\n")) {
            try (Peer peer = peer()) {
                peer.send("GET / HTTP/1.1\r\n" + ASKS + SETTINGS + wrong + "\r\n");
                assertTrue(peer.head().startsWith("HTTP/1.1 400 Bad Request\r\n"));
            }
        }
    }

    /** A connection that ends soon is not made another one, nor one of a protocol that is on its way out. */
    @Test
    void nobodyIsLedToWhatLeaves() {
        String asks = "GET / HTTP/1.1\r\nHost: h\r\n" + ASKS + SETTINGS + "\r\n";
        try (Peer peer = peer()) {
            peer.server.leave();
            peer.send(asks);
            assertTrue(peer.head().contains("\r\nConnection: close"));
        }
        try (Peer peer = peer()) {
            Protocols both = peer.server.protocols();
            both.replacedBy(both.next(List.of(both.all().getLast())));
            peer.send(asks);
            assertTrue(peer.head().startsWith("HTTP/1.1 200 OK\r\n"));
            peer.server.speak(both.next(List.of(both.all().getLast(), new Http2Protocol())));
            peer.head();
            peer.send(asks);
            assertTrue(peer.head().endsWith(SWITCHED));
        }
    }

    @Test
    void aClientThatLeavesTakesItsRequestAlong() {
        Exchange[] kept = new Exchange[1];
        try (Peer peer = new Peer(e -> kept[0] = e, new Http1Protocol())) {
            peer.send("GET / HTTP/1.1\r\nHost: h\r\n" + ASKS + SETTINGS + "\r\n");
            assertEquals(SWITCHED, peer.head());
            peer.channel.close();
            assertFalse(peer.isOpen());
            assertTrue(kept[0].isDone());
            assertEquals(new HttpCounters.Totals(1, 0, 1, 1), peer.loop.counters().totals());
        }
    }

    /** No frame comes, not even the first ones. */
    @Test
    void aClientThatSaysNothingMoreIsLeft() {
        try (Peer peer = peer()) {
            peer.send("GET / HTTP/1.1\r\nHost: h\r\n" + ASKS + SETTINGS + "\r\n");
            peer.pass(20);
            assertTrue(peer.isOpen());
            peer.pass(11).pass(1).pass(1).pass(1);
            assertFalse(peer.isOpen());
        }
    }
}

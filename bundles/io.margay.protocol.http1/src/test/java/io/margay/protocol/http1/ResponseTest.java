// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.HttpSettings;
import io.margay.http.ResponseFilter;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultFileRegion;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses: spec/http.md §10 to §12. */
class ResponseTest {
    private static final String SERVER = "Server: Unit/1.35.0\r\nDate: D\r\n";

    /** The response to an application that sends these lines and parts of a body. */
    private static String app(String request, int status, String lines, String... parts) {
        try (Wire wire = new Wire(e -> {
            if (e.start(status, Unpooled.copiedBuffer(lines, StandardCharsets.ISO_8859_1))) {
                for (int i = 0; i < parts.length; i++) {
                    e.write(Wire.bytes(parts[i]), i == parts.length - 1);
                }
            }
        })) {
            String text = wire.send(request + "\r\n\r\n").take();
            return wire.isOpen() ? text : text + "<end>";
        }
    }

    static Stream<String[]> framings() {
        String chunked = "Transfer-Encoding: chunked\r\n\r\n";
        return Stream.of(new String[][] {
            {"GET / HTTP/1.1", "", SERVER + chunked + "2\r\nab\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n"},
            {"HEAD / HTTP/1.1", "", SERVER + chunked},
            {"GET / HTTP/1.0", "", SERVER + "\r\nab0123456789abcdef<end>"},
            {"GET / HTTP/1.1", "Content-Length: 18\r\n", "Content-Length: 18\r\n" + SERVER
                    + "\r\nab0123456789abcdef"},
            {"HEAD / HTTP/1.1", "Content-Length: 18\r\n", "Content-Length: 18\r\n" + SERVER + "\r\n"},
            {"GET / HTTP/1.1", "Content-Length: 3\r\n", "Content-Length: 3\r\n" + SERVER + "\r\nab0<end>"},
            {"GET / HTTP/1.1", "content-length: 99\r\n", "content-length: 99\r\n" + SERVER
                    + "\r\nab0123456789abcdef<end>"},
            {"GET / HTTP/1.1", "Content-Length: 3\r\nContent-Length: 3\r\n", SERVER + "Connection: close\r\n" + chunked
                    + "2\r\nab\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n<end>"},
            {"GET / HTTP/1.1", "Content-Length: x\r\n", SERVER + "Connection: close\r\n" + chunked
                    + "2\r\nab\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n<end>"},
            {"GET / HTTP/1.1", "Date: mine\r\nServer: x\r\nConnection: x\r\nUpgrade: x\r\nTransfer-Encoding: x\r\n"
                    + "Status: 200 OK\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nKeep-Alive: y\r\nContent-Length: 18\r\n\r\n",
                "Date: mine\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nKeep-Alive: y\r\nContent-Length: 18\r\n"
                    + "Server: Unit/1.35.0\r\n\r\nab0123456789abcdef"},
        });
    }

    @ParameterizedTest
    @MethodSource("framings")
    void framing(String request, String lines, String expected) {
        assertEquals("HTTP/1.1 200 OK\r\n" + expected, app(request, 200, lines, "ab", "", "0123456789abcdef", ""));
    }

    @Test
    void noBodyWith204And304() {
        assertEquals("HTTP/1.1 204 No Content\r\n" + SERVER + "\r\n", app("GET / HTTP/1.1", 204, "", "x"));
        // What it would have had with 200 (RFC 9110 §8.6).
        assertEquals("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n" + SERVER + "\r\n",
            app("GET / HTTP/1.1", 304, "Content-Length: 7\r\n", "x"));
    }

    @ParameterizedTest
    @CsvSource({"'Status: 99'", "'Status: ab'", "'Status:'", "'a b: c'", "': c'", "'abc'", "'a: b\u0001'",
        "'a: b\rc: d'", "'X-A:: v'", "'a(b: c'"})
    void malformedFields(String line) {
        assertTrue(app("GET / HTTP/1.1", 200, line + "\r\n", "x").startsWith("HTTP/1.1 503 Service Unavailable\r\n"));
        assertTrue(app("GET / HTTP/1.1", 200, line, "x").startsWith("HTTP/1.1 503 Service Unavailable\r\n"));
    }

    @Test
    void valuesOfApplicationsStayAsTheyAre() {
        assertEquals("HTTP/1.1 200 OK\r\nA:  var1= val1 \r\nB: c\r\nD: : v\r\nContent-Length: \t1\r\n"
                + SERVER + "\r\nx",
            app("GET / HTTP/1.1", 200, "A:  var1= val1 \r\nB:c\r\nD: : v\r\nContent-Length: \t1\r\n", "x"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 99, 100, 101, 103, 199, 1000, -1})
    void statusesThatAreNoneAre503(int status) {
        assertTrue(app("GET / HTTP/1.1", status, "", "x").startsWith("HTTP/1.1 503 Service Unavailable\r\n"));
    }

    @Test
    void anAnswerWithStatusZeroIsAnAnswer() {
        try (Wire wire = new Wire(e -> {
            e.respond(0, Fields.NONE, Wire.NOTHING);
            assertTrue(e.isStarted());
            assertTrue(e.isDone());
        })) {
            assertTrue(wire.send("GET / HTTP/1.1\r\n\r\n").take().startsWith("HTTP/1.1 000 \r\n"));
            assertEquals(0, wire.generation.count());
        }
    }

    @Test
    void longHeadsOfApplications() {
        String fields = "A: b\r\n".repeat(70_000);
        String text = app("GET / HTTP/1.1", 200, fields, "x");
        assertTrue(text.startsWith("HTTP/1.1 200 OK\r\n" + fields));
        String field = "A: " + "b".repeat(70 * 1024) + "\r\n";
        assertTrue(app("GET / HTTP/1.1", 200, field, "x").startsWith("HTTP/1.1 200 OK\r\n" + field));
        assertTrue(app("GET / HTTP/1.1", 200, "A: " + "b".repeat(1 << 20) + "\r\n", "x")
            .startsWith("HTTP/1.1 502 Bad Gateway\r\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"200|200 OK", "305|'305 '", "306|'306 '", "307|307 Temporary Redirect",
        "308|308 Permanent Redirect", "418|418 I'm a teapot", "299|'299 '", "7|'007 '", "0|'000 '", "999|'999 '",
        "1000|500 Internal Server Error", "203|203 Non-Authoritative Information"})
    void statusLine(int status, String expected) {
        assertEquals("HTTP/1.1 " + expected + "\r\n", new String(StatusLine.of(status), StandardCharsets.ISO_8859_1));
    }

    @Test
    void headOfErrorPagesHasNoBody() {
        try (Wire wire = new Wire(e -> e.fail(404))) {
            assertEquals("HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n" + SERVER
                    + "Content-Length: 54\r\n\r\n", wire.send("HEAD / HTTP/1.1\r\n\r\n").take());
            assertTrue(wire.isOpen());
        }
    }

    @Test
    void largeBodiesAreNotCopied() {
        String large = "x".repeat(9000);
        try (Wire wire = new Wire(e -> e.respond(200, Fields.NONE, Wire.bytes(large)))) {
            wire.send("GET / HTTP/1.1\r\n\r\n");
            assertEquals(2, wire.channel.outboundMessages().size());
            assertEquals("HTTP/1.1 200 OK\r\n" + SERVER + "Content-Length: 9000\r\n\r\n" + large, wire.take());
        }
    }

    @Test
    void abortNeverLooksComplete() {
        try (Wire wire = new Wire(e -> {
            e.start(200, Unpooled.EMPTY_BUFFER);
            e.write(Wire.bytes("a"), false);
            e.fail(503);
        })) {
            assertEquals("", wire.send("GET / HTTP/1.1\r\n\r\n").take());
            assertFalse(wire.isOpen());
        }
    }

    @Test
    void filtersChangeHeads() {
        ResponseFilter filter = (e, head) -> {
            head.set(AsciiString.of("b"), AsciiString.of("new"));
            head.set(AsciiString.of("C"), AsciiString.of(""));
            int a = head.find(AsciiString.of("A"));
            if (a >= 0) {
                head.remove(a);
            }
            return Optional.empty();
        };
        Fields fields = Fields.of("A", "1", "B", "2", "A", "3");
        for (int status : new int[] {200, 399, 400, 199}) {
            try (Wire wire = new Wire(e -> {
                e.filter(filter);
                e.respond(status, fields, Wire.NOTHING);
            })) {
                assertTrue(wire.send("GET / HTTP/1.1\r\n\r\n").take().contains("\r\nB: new\r\nA: 3\r\nC: \r\n"));
            }
        }
    }

    @Test
    void serverWithoutVersion() {
        HttpSettings plain = HttpSettings.DEFAULTS.change().serverVersion(false).build();
        try (Wire wire = new Wire(plain, e -> e.respond(200, Fields.NONE, Wire.NOTHING))) {
            assertTrue(wire.send("GET / HTTP/1.1\r\n\r\n").take().contains("\r\nServer: Unit\r\nDate: D\r\n"));
        }
    }

    /** The access log tells what a client was sent, not what it should have been sent. */
    @Test
    void aFileThatIsCutCountsAsFarAsItHasGone() {
        List<Exchange> seen = new ArrayList<>();
        try (Wire wire = new Wire(e -> {
            seen.add(e);
            e.respond(200, Fields.NONE, new DefaultFileRegion(new File("/dev/null"), 0, 1000) {
                @Override
                public long transferred() {
                    return 300;
                }
            });
        })) {
            wire.channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
                @Override
                public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                    // The rest is never taken.
                    ReferenceCountUtil.release(message);
                }
            });
            wire.send("GET / HTTP/1.1\r\n\r\n");
            assertEquals(300, seen.getFirst().bodyBytesSent());
            wire.channel.close();
            assertEquals(300, seen.getFirst().bodyBytesSent());
        }
        try (Wire wire = new Wire(e -> {
            seen.add(e);
            e.respond(200, Fields.NONE, new DefaultFileRegion(new File("/dev/null"), 0, 1000));
        })) {
            wire.send("GET / HTTP/1.1\r\n\r\n").take();
            assertEquals(1000, seen.getLast().bodyBytesSent());
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Exchange;
import io.margay.http.ExchangeHandler;
import io.margay.http.Fields;
import io.margay.http.HttpSettings;
import io.margay.http.Request;
import io.margay.posix.Files;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Request bodies: spec/http.md §7. */
class BodyTest {
    private static final String CHUNKED = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nB: c\r\n\r\n";
    private static final String GET = "GET / HTTP/1.1\r\n\r\n";

    @TempDir
    private Path directory;

    private HttpSettings settings(long most) {
        return HttpSettings.DEFAULTS.change().bodyBufferSize(16).maxBodySize(most).bodyTempPath(directory.toString())
            .chunkedTransform(true).build();
    }

    private static void echo(Exchange e) {
        String text = e.request().bodyFile().map(fd -> "file " + new String(Files.readAll(fd.number(), 1 << 20),
            StandardCharsets.ISO_8859_1))
            .orElseGet(() -> "memory " + e.request().body().toString(StandardCharsets.ISO_8859_1));
        Request h = e.request();
        int last = h.fieldCount() - 1;
        e.respond(200, Fields.NONE, Wire.bytes(e.request().contentLength() + " " + text
            + (last < 0 ? "" : " " + h.name(last) + "=" + h.value(last) + " " + h.fieldCount()
            + " " + h.find(AsciiString.of("transfer-encoding"), 0))));
    }

    /** Routed before the body has come, which is then collected. */
    private static final ExchangeHandler EARLY = new ExchangeHandler() {
        @Override
        public void handle(Exchange exchange) {
            exchange.awaitBody(() -> echo(exchange));
        }

        @Override
        public boolean takesEarly() {
            return true;
        }
    };

    /** Answers with the body, which is not stored; takes a part at a time. */
    private static final class Streaming implements ExchangeHandler {
        private final StringBuilder body = new StringBuilder();

        @Override
        public void handle(Exchange exchange) {
            if (exchange.isBodyComplete()) {
                exchange.respond(200, Fields.NONE, exchange.request().body().retain());
                return;
            }
            exchange.streamBody((part, last) -> {
                body.append(part.toString(StandardCharsets.ISO_8859_1));
                part.release();
                if (last) {
                    exchange.loop().netty().execute(() ->
                        exchange.respond(200, Fields.NONE, Wire.bytes(body.toString())));
                } else {
                    exchange.loop().netty().execute(exchange::resumeBody);
                }
                return false;
            });
        }

        @Override
        public boolean takesEarly() {
            return true;
        }
    }

    @Test
    void aBodyThatIsPassedOnHasItsTimeAndItsEnd() {
        String begin = "POST / HTTP/1.1\r\nContent-Length: 50\r\n\r\nabc";
        try (Wire wire = new Wire(settings(100).change().bodyReadTimeout(5).build(), new Streaming())) {
            assertEquals("", wire.send(begin).pass(4).send("d").pass(4).take());
            assertTrue(wire.pass(2).take().startsWith("HTTP/1.1 408 "), "nothing came in time");
        }
        try (Wire wire = new Wire(settings(100), new Streaming())) {
            assertEquals("", wire.send(begin).pass(0).endInput().take());
            assertTrue(!wire.isOpen(), "nothing will come");
        }
        try (Wire wire = new Wire(settings(100), new Streaming())) {
            String expects = "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
            assertEquals("HTTP/1.1 100 Continue\r\n\r\n", wire.send(expects).pass(0).take());
            String text = wire.send("abc" + GET).pass(0).take();
            assertEquals(3, text.split("200 OK", -1).length, text);
        }
    }

    /** An answer before the end of a body ends the connection: what is left of it is no request. */
    @Test
    void anEarlyAnswerIsTheLast() {
        ExchangeHandler hasty = new ExchangeHandler() {
            @Override
            public void handle(Exchange exchange) {
                exchange.respond(200, Fields.NONE, Wire.bytes("no"));
            }

            @Override
            public boolean takesEarly() {
                return true;
            }
        };
        try (Wire wire = new Wire(settings(100), hasty)) {
            String text = wire.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: " + GET.length()
                + "\r\n\r\n").send(GET).pass(0).take();
            assertTrue(text.startsWith("HTTP/1.1 200 ") && text.contains("Connection: close\r\n"), text);
            assertEquals(2, text.split("200 OK", -1).length, text);
        }
    }

    private String send(long most, String request) {
        String whole;
        try (Wire wire = new Wire(settings(most), BodyTest::echo)) {
            whole = wire.send(request).take();
        }
        try (Wire wire = new Wire(settings(most), BodyTest::echo)) {
            assertEquals(whole, wire.trickle(request).take(), "byte by byte");
        }
        for (ExchangeHandler handler : new ExchangeHandler[] {EARLY, new Streaming()}) {
            try (Wire wire = new Wire(settings(most), handler)) {
                String early = wire.trickle(request).pass(0).take();
                if (handler == EARLY || !whole.startsWith("HTTP/1.1 200")) {
                    assertEquals(whole, early, "handled before its body has come");
                } else {
                    // What is passed on is what else would be stored.
                    assertEquals(whole.replaceFirst("(?s).*\\r\\n\\r\\n\\d+ \\S+ (\\S*).*", "$1"),
                        early.substring(early.indexOf("\r\n\r\n") + 4));
                }
            }
        }
        String[] left = directory.toFile().list();
        assertEquals("[]", Arrays.toString(left));
        return whole.startsWith("HTTP/1.1 200") ? whole.substring(whole.indexOf("\r\n\r\n") + 4)
            : whole.substring(9, 12);
    }

    @Test
    void storage() {
        String small = "POST / HTTP/1.1\r\nContent-Length: 16\r\n\r\n0123456789abcdef";
        assertEquals("16 memory 0123456789abcdef Content-Length=16 1 -1", send(100, small));
        String large = "POST / HTTP/1.1\r\nContent-Length: 17\r\n\r\n0123456789abcdefg";
        assertEquals("17 file 0123456789abcdefg Content-Length=17 1 -1", send(100, large));
        assertEquals("413", send(16, large));
        assertEquals("0 memory  Content-Length=0 1 -1", send(0, "GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"));
        assertEquals("413", send(0, "GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\n"));
    }

    /** A file is made when the memory is full, whatever was announced. */
    @Test
    void noFileIsMadeBeforeItIsNeeded() {
        HttpSettings nowhere = settings(100).change().bodyTempPath(directory + "/none").build();
        try (Wire wire = new Wire(nowhere, BodyTest::echo)) {
            String begin = "POST / HTTP/1.1\r\nContent-Length: 17\r\n\r\n0123456789";
            assertEquals("", wire.send(begin).send("abcdef").take());
            assertEquals(500, wire.send("g").status());
        }
        try (Wire wire = new Wire(nowhere, BodyTest::echo)) {
            assertEquals("", wire.send(CHUNKED + "10\r\n0123456789abcdef\r\n").take());
            assertEquals(500, wire.send("1\r\ng\r\n0\r\n\r\n").status());
        }
    }

    @Test
    void theNextRequestFollowsTheBody() {
        try (Wire wire = new Wire(settings(100), BodyTest::echo)) {
            String post = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
            String text = wire.send(post + GET + CHUNKED + "0\r\n\r\n" + GET).take();
            assertEquals(4, text.split("200 OK", -1).length - 1);
            assertTrue(text.endsWith("\r\n\r\n0 memory "));
        }
    }

    @Test
    void noDirectoryIsA500() {
        HttpSettings none = settings(100).change().bodyBufferSize(1).bodyTempPath(directory + "/none").build();
        try (Wire wire = new Wire(none, BodyTest::echo)) {
            assertEquals(500, wire.send("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc").status());
        }
    }

    static Stream<String[]> chunks() {
        return Stream.of(new String[][] {
            {"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "5 memory abcde Content-Length=5 3 -1"},
            {"0\r\n\r\n", "0 memory  Content-Length=0 3 -1"},
            {"A\r\n0123456789\r\n00\r\n\r\n", "10 memory 0123456789 Content-Length=10 3 -1"},
            {"1;x=\"y\"\r\na\r\n0;z\r\n\r\n", "1 memory a Content-Length=1 3 -1"},
            {"1\r\na\r\n0\r\nX-Y: z\r\nT:\r\n\r\n", "1 memory a Content-Length=1 3 -1"},
            {"1\r\na\r\n0\r\nX : z\r\n\r\n", "400"}, {"1\r\na\r\n0\r\n x: z\r\n\r\n", "400"},
            {"1\r\na\r\n0\r\nx: \u0001\r\n\r\n", "400"}, {"1\r\na\r\n0\r\n: x\r\n\r\n", "400"},
            {"1\r\na\r\n0\r\nx: " + "y".repeat(5000) + "\r\n\r\n", "400"},
            {"1 junk\r\na\r\n0\r\n\r\n", "400"}, {"1 1\r\na\r\n0\r\n\r\n", "400"}, {"0 5\r\n\r\n", "400"},
            {"1 \r\na\r\n0\r\n\r\n", "400"}, {"1 \t;x\r\na\r\n0\r\n\r\n", "1 memory a Content-Length=1 3 -1"},
            {"0".repeat(15) + "1\r\na\r\n0\r\n\r\n", "1 memory a Content-Length=1 3 -1"},
            {"0".repeat(17) + "\r\n\r\n", "400"},
            {"g\r\n", "400"}, {"\r\n", "400"}, {"1\na", "400"}, {"1\r\nab", "400"}, {"1\r\na\n", "400"},
            {"-1\r\n", "400"},
            {"ffffffffffffffffff\r\n", "400"}, {"7fffffffffffffff\r\n", "413"}, {"65\r\n", "413"},
            {"10\r\n0123456789abcdef\r\n0\r\n\r\n", "16 memory 0123456789abcdef Content-Length=16 3 -1"},
            {"10\r\n0123456789abcdef\r\n1\r\ng\r\n0\r\n\r\n", "17 file 0123456789abcdefg Content-Length=17 3 -1"},
            {"32\r\n" + "x".repeat(50) + "\r\n33\r\n", "413"}, {"0\r\n\n", "400"}, {"0\r\n\rx", "400"},
        });
    }

    @ParameterizedTest
    @MethodSource("chunks")
    void chunked(String body, String expected) {
        assertEquals(expected, send(100, CHUNKED + body));
    }

    @Test
    void chunkedNeedsHttp11AndNoLength() {
        assertEquals("400", send(100, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"));
        assertEquals("400", send(100, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"));
    }
}

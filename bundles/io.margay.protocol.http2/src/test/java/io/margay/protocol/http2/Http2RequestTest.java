// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import static io.margay.testing.Http2Frames.data;
import static io.margay.testing.Http2Frames.get;
import static io.margay.testing.Http2Frames.headers;
import static io.margay.testing.Http2Frames.number;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Exchange;
import io.margay.http.ExchangeHandler;
import io.margay.http.Fields;
import io.margay.http.HttpSettings;
import io.margay.http.KnownField;
import io.margay.http.Request;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes by a stream, and what is made of it. */
class Http2RequestTest {
    private static final String POST = ":method POST|:scheme http|:path /p|:authority x";

    /** What an application would see. */
    private static String view(Request request) {
        StringBuilder all = new StringBuilder(request.line() + " " + request.path() + " " + request.host());
        for (int i = 0; i < request.fieldCount(); i++) {
            all.append(' ').append(request.name(i)).append('=').append(request.value(i));
        }
        String body = request.body().toString(StandardCharsets.ISO_8859_1);
        return all + " " + request.contentLength() + (request.bodyFile().isPresent() ? " file" : " " + body);
    }

    private static void show(Exchange e) {
        e.respond(200, Fields.NONE, view(e.request()).getBytes(StandardCharsets.ISO_8859_1));
    }

    /** {@code name value|name value} */
    private static String[] list(String fields) {
        return fields.isEmpty() ? new String[0] : Arrays.stream(fields.split("\\|")).flatMap(field ->
            Stream.of(field.substring(0, field.indexOf(' ', 1)), field.substring(field.indexOf(' ', 1) + 1)))
            .toArray(String[]::new);
    }

    private static String body(Peer peer) {
        String text = peer.take();
        return text.substring(text.indexOf('\n') + 1);
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " -> ", ignoreLeadingAndTrailingWhitespace = false, value = {
        ":path /a?b=c#d|:method GET|:scheme http -> GET /a?b=c#d HTTP/2.0 /a  0  end",
        ":method GET|:scheme https|:path /a/../%41|:authority Ex.COM:80|x y"
            + " -> GET /a/../%41 HTTP/2.0 /A ex.com host=Ex.COM:80 x=y 0  end",
        ":method GET|:scheme http|:path /|host h|x y -> GET / HTTP/2.0 / h host=h x=y 0  end",
        ":method GET|:scheme http|:path /|:authority h|x 1|host H|x 2 -> GET / HTTP/2.0 / h host=h x=1 x=2 0  end",
        ":method GET|:scheme http|:path /|:authority h|cookie a=b|x y|cookie c=d"
            + " -> GET / HTTP/2.0 / h host=h cookie=a=b; c=d x=y 0  end",
        ":method GET|:scheme http|:path /|:authority [::1]:80|x_y 1|te trailers"
            + " -> GET / HTTP/2.0 / [::1] host=[::1]:80 te=trailers 0  end",
        ":method OPTIONS|:scheme http|:path *|:authority h -> OPTIONS * HTTP/2.0 * h host=h 0  end"})
    void isSeenAsItCame(String fields, String expected) {
        try (Peer peer = new Peer(Http2RequestTest::show)) {
            peer.send(headers(1, true, list(fields)));
            assertEquals("1 " + expected, body(peer));
        }
    }

    /** Everything that could be read in two ways. */
    @ParameterizedTest
    @ValueSource(strings = {"", ":method GET", ":method GET|:path /", ":method GET|:scheme http",
        ":method GET|:scheme http|:path ", ":method GET|:scheme http|:path x", ":method GET|:scheme http|:path *",
        ":method GET|:scheme http|:path /a b", ":method GET|:scheme http|:path /a\r\nb",
        ":method GET|:scheme http|:path /|:path /", ":method GET|:method GET|:scheme http|:path /",
        ":method GET|:scheme http|:path /|:status 200", ":method GET|:scheme http|:path /|:x y",
        ":method GET|:scheme http|x y|:path /", ":method G T|:scheme http|:path /",
        ":method GET|:scheme http|:path /|A b",
        ":method GET|:scheme http|:path /|a b\nc", ":method GET|:scheme http|:path /|a b\u0000",
        ":method GET|:scheme http|:path /|a  b", ":method GET|:scheme http|:path /|a b ",
        ":method GET|:scheme http|:path /|a: b",
        ":method GET|:scheme http|:path /|connection close", ":method GET|:scheme http|:path /|keep-alive 1",
        ":method GET|:scheme http|:path /|proxy-connection x", ":method GET|:scheme http|:path /|upgrade h2c",
        ":method GET|:scheme http|:path /|transfer-encoding chunked", ":method GET|:scheme http|:path /|te gzip",
        ":method GET|:scheme http|:path /|:authority a|host b", ":method GET|:scheme http|:path /|host a|host a",
        ":method GET|:scheme http|:path /|content-length 5", ":method GET|:scheme http|:path /|content-length x",
        ":method GET|:scheme http|:path /|content-length 0|content-length 0",
        ":method GET|:scheme http|:path /|:protocol websocket", ":method CONNECT|:scheme http|:path /|:authority a"})
    void aMalformedOneIsReset(String fields) {
        StringBuilder heard = new StringBuilder();
        ExchangeHandler handler = new ExchangeHandler() {
            @Override
            public void handle(Exchange exchange) {
                heard.append("handled");
            }

            @Override
            public void refused(Exchange exchange) {
                exchange.onDone((e, complete) -> heard.append(e.status()).append(e.request().line()));
            }
        };
        try (Peer peer = new Peer(handler)) {
            peer.send(headers(1, true, list(fields)));
            assertEquals("1 reset 1", peer.take());
            assertEquals("400", heard.toString());
            peer.send(get(3, "/"));
            assertTrue(peer.isOpen());
            assertEquals("400handled", heard.toString());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " -> ", value = {":method GET|:scheme http|:path /%00 -> 400",
        ":method GET|:scheme http|:path /../a -> 400", ":method GET|:scheme ftp|:path / -> 400",
        ":method GET|:scheme http|:path /|:authority u@h -> 400", ":method GET|:scheme http|:path /|host a..b -> 400",
        ":method GET|:scheme http|:path /|:authority h:99999 -> 400", ":method CONNECT|:authority h:1 -> 400",
        ":method POST|:scheme http|:path /|content-length 9000000 -> 413",
        ":method CONNECT|:protocol websocket|:scheme http|:path /|:authority h -> 426",
        ":method CONNECT|:protocol other|:scheme http|:path /|:authority h -> 501"})
    void oneThatIsRefusedGetsAPage(String fields, int status) {
        try (Peer peer = new Peer(Http2RequestTest::show)) {
            peer.send(headers(1, false, list(fields)));
            String answer = peer.take();
            assertTrue(answer.startsWith("1 [:status=" + status + ", "), answer);
            assertTrue(answer.endsWith("Error " + status + ".\r\n end\n1 reset 0"), answer);
        }
    }

    @Test
    void tooManyFieldsAreToldHoweverManyTheyAre() {
        HttpSettings small = HttpSettings.DEFAULTS.change().largeHeaders(1024, 2).build();
        for (int size : new int[] {2047, 2048, 4200, 9000}) {
            try (Peer peer = new Peer(small, Http2RequestTest::show)) {
                String half = "v".repeat(size / 2);
                peer.send(size < 4096 ? get(1, "/", "a", "v".repeat(size)) : get(1, "/", "a", half, "b", half));
                String expected = size == 2047 ? "200" : "431";
                assertTrue(peer.take().startsWith("1 [:status=" + expected), "size " + size);
                peer.send(get(3, "/"));
                assertTrue(peer.take().startsWith("3 [:status=200"), "size " + size);
            }
        }
        try (Peer peer = new Peer(small, Http2RequestTest::show)) {
            peer.send(get(1, "/", "a".repeat(256), "b"));
            assertTrue(peer.take().startsWith("1 [:status=431"));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, ''", "1, x", "3, xyz"})
    void aBodyIsComplete(int length, String text) {
        try (Peer peer = new Peer(Http2RequestTest::show)) {
            peer.send(headers(1, false, list(POST)), data(1, false, text), data(1, true, ""));
            assertEquals("1 POST /p HTTP/2.0 /p x host=x content-length=" + length + " " + length + " " + text + " end",
                body(peer));
            peer.send(headers(3, false, list(POST + "|content-length " + length)), data(3, true, text));
            assertEquals("3 POST /p HTTP/2.0 /p x host=x content-length=" + length + " " + length + " " + text + " end",
                body(peer));
        }
    }

    @Test
    void aLongBodyGoesToAFile() {
        HttpSettings settings = HttpSettings.DEFAULTS.change().bodyBufferSize(10).bodyTempPath("/tmp").build();
        try (Peer peer = new Peer(settings, Http2RequestTest::show)) {
            peer.send(headers(1, false, list(POST)), data(1, false, "123456"), data(1, true, "78901"));
            assertEquals("1 POST /p HTTP/2.0 /p x host=x content-length=11 11 file end", body(peer));
            peer.send(headers(3, false, list(POST + "|content-length 11")), data(3, true, "12345678901"));
            assertEquals("3 POST /p HTTP/2.0 /p x host=x content-length=11 11 file end", body(peer));
        }
    }

    @ParameterizedTest
    @CsvSource({"3, ab", "1, ab"})
    void aBodyOfAnotherLengthIsMalformed(int declared, String text) {
        try (Peer peer = new Peer(Http2RequestTest::show)) {
            peer.send(headers(1, false, list(POST + "|content-length " + declared)), data(1, true, text));
            assertEquals("1 reset 1", peer.take());
        }
    }

    @Test
    void trailersEndABodyAndAreDropped() {
        try (Peer peer = new Peer(Http2RequestTest::show)) {
            peer.send(headers(1, false, list(POST)), data(1, false, "a"), headers(1, true, "x", "y"));
            assertEquals("1 POST /p HTTP/2.0 /p x host=x content-length=1 1 a end", body(peer));
            int stream = 1;
            for (String bad : new String[] {":path", "X", "a b"}) {
                stream += 2;
                peer.send(headers(stream, false, list(POST)), data(stream, false, "a"));
                peer.send(headers(stream, true, bad, "y"));
                assertEquals(stream + " reset 1", peer.take());
            }
        }
    }

    @Test
    void aBodyThatGrowsTooLongIsRefused() {
        HttpSettings settings = HttpSettings.DEFAULTS.change().maxBodySize(3).build();
        try (Peer peer = new Peer(settings, Http2RequestTest::show)) {
            peer.send(headers(1, false, list(POST)), data(1, false, "abc"));
            assertEquals("", peer.take());
            peer.send(data(1, false, "d"));
            String answer = peer.take();
            assertTrue(answer.startsWith("1 [:status=413") && answer.endsWith("1 reset 0"), answer);
            peer.send(data(1, false, "more that was on its way"));
            assertEquals("", peer.take());
            assertTrue(peer.isOpen());
        }
    }

    @Test
    void whoWaitsForAWordGetsItUnlessTheRequestIsRefused() {
        try (Peer peer = new Peer(Http2RequestTest::show)) {
            peer.send(headers(1, false, list(POST + "|expect 100-continue")));
            assertEquals("1 [:status=100]", peer.take());
            peer.send(data(1, true, "a"));
            assertTrue(peer.take().startsWith("1 [:status=200"));
            peer.send(headers(3, false, list(POST + "|expect 100-continue|content-length 9999999")));
            assertTrue(peer.take().startsWith("3 [:status=413"));
        }
    }

    @Test
    void knownFieldsAreFound() {
        StringBuilder found = new StringBuilder();
        try (Peer peer = new Peer(e -> {
            Request request = e.request();
            IntStream.range(0, request.fieldCount()).forEach(i -> found.append(request.known(i)).append(' '));
            found.append(request.value(request.find(KnownField.USER_AGENT))).append(request.find(KnownField.REFERER));
            found.append(request.find(AsciiString.of("X"), 0)).append(request.version());
            found.append(request.isWebSocket()).append(request.scheme()).append(request.requestId().length());
            e.fail(404);
        })) {
            peer.send(get(1, "/", "user-agent", "me", "x", "y"));
            assertEquals("HOST USER_AGENT OTHER me-12HTTP/2.0falsehttp32", found.toString());
        }
    }

    @Test
    void aClientThatLeavesInTheMiddleIsHeardOf() {
        StringBuilder heard = new StringBuilder();
        ExchangeHandler handler = new ExchangeHandler() {
            @Override
            public void handle(Exchange exchange) {
                exchange.onDone((e, complete) -> heard.append("lost ").append(complete));
            }

            @Override
            public void refused(Exchange exchange) {
                exchange.onDone((e, complete) -> heard.append(e.status()).append(e.request().line()));
            }
        };
        try (Peer peer = new Peer(handler)) {
            peer.send(headers(1, false, list(POST)), number(3, 1, 8));
            assertEquals("400POST /p HTTP/2.0", heard.toString());
            heard.setLength(0);
            peer.send(get(3, "/"), number(3, 3, 8));
            assertEquals("lost false", heard.toString());
            assertEquals("", peer.take());
        }
    }

    /** Bodies in memory are given back whatever happens. */
    @Test
    void nothingIsKept() {
        ByteBuf[] body = new ByteBuf[1];
        try (Peer peer = new Peer(e -> body[0] = e.request().body())) {
            peer.send(headers(1, false, list(POST)), data(1, true, "abc"));
            assertEquals(1, body[0].refCnt());
            peer.channel.close();
            assertEquals(0, body[0].refCnt());
        }
    }
}

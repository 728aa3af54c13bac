// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of the server's own, and requests of which filters have changed fields. */
class OwnExchangeTest {
    private final List<String> log = new ArrayList<>();
    private final HttpLoop loop = new HttpLoop(new EmbeddedChannel().eventLoop(), 0, "1",
        (level, text) -> log.add(text), () -> 42);

    private static AsciiString ascii(String text) {
        return new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static OwnRequest request(String method, String target, Fields fields, String body) {
        return OwnRequest.of(ascii(method), ascii("Example.COM:81"), ascii(target), fields,
            body.getBytes(StandardCharsets.ISO_8859_1)).orElseThrow();
    }

    /** Writes down what it is answered. */
    private final class Own extends OwnExchange {
        private final StringBuilder answer = new StringBuilder();

        Own(OwnRequest request) {
            super(loop, HttpSettings.DEFAULTS, request);
        }

        @Override
        protected void whole(Answer whole) {
            answer.append(whole.status()).append(" whole ").append(whole.body().length).append('|');
        }

        @Override
        protected void head(ResponseHead head) {
            answer.append(head.status()).append(' ').append(head.contentLength()).append('|');
        }

        @Override
        protected void data(ByteBuf part) {
            answer.append(part.toString(StandardCharsets.ISO_8859_1)).append('|');
        }
    }

    // ---- the request --------------------------------------------------

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        /                | /     | -     | example.com:80  | example.com
        /a%20b?x=%20     | /a b  | x=%20 | EXAMPLE.com     | example.com
        /a?              | /a    | ''    | [::1]:80        | [::1]
        /a/../b#c?d      | /b    | -     | [FE80::A]       | [fe80::a]
        /a?b#c           | /a    | b     | example.com.:80 | example.com
        /a?b?c           | /a    | b?c   | a.              | a
        """)
    void isTakenApart(String target, String path, String query, String authority, String host) {
        OwnRequest request = OwnRequest.of(ascii("GET"), ascii(authority), ascii(target), Fields.NONE, new byte[0])
            .orElseThrow();
        assertEquals(path, request.path().toString());
        assertEquals(query == null ? "" : query, request.query().toString());
        assertEquals(query != null, request.hasQuery());
        assertEquals(host, request.host().toString(), "as requests of clients have it (spec/http.md §6)");
        assertEquals(authority, request.authority().toString());
        assertEquals(target, request.target().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/..", "/a/../..", "/%", "/%4", "/%zz", "/%00", "/%2e%2e"})
    void aMalformedTargetIsNoRequest(String target) {
        assertEquals(Optional.empty(), OwnRequest.of(ascii("GET"), ascii("a"), ascii(target), Fields.NONE,
            new byte[0]));
    }

    @Test
    void isSeenAsAnyOther() {
        Own own = new Own(request("POST", "/a?b", Fields.of("Host", "Example.COM:81", "A", "1", "a", "2",
            "Range", "x", "range", "y"), "body"));
        assertEquals("POST /a?b HTTP/1.1", own.line().toString());
        assertTrue(own.hasLine());
        assertFalse(own.isGet() || own.isHead() || own.isTls() || own.isWebSocket());
        assertEquals("http HTTP/1.1 Example.COM:81 example.com example.com", own.scheme() + " " + own.version() + " "
            + own.authority() + " " + own.host() + " " + own.serverName());
        assertEquals("/a b true", own.path() + " " + own.query() + " " + own.hasQuery());
        assertEquals(5, own.fieldCount());
        assertEquals(1, own.find(ascii("a"), 0));
        assertEquals(2, own.find(ascii("A"), 2));
        assertEquals(-1, own.find(ascii("A"), 3));
        assertEquals(4, own.find(KnownField.RANGE), "the last one");
        assertEquals(-1, own.find(KnownField.COOKIE));
        assertEquals(KnownField.HOST, own.known(0));
        assertEquals(KnownField.OTHER, own.known(1));
        assertEquals(4, own.contentLength());
        assertEquals("body", own.body().toString(StandardCharsets.ISO_8859_1));
        assertEquals(Optional.empty(), own.bodyFile());
        assertTrue(own.remote().isUnix() && own.local().isUnix());
        assertTrue(own.isWritable());
        assertTrue(own.timings().has(Timings.Stage.BEGIN) && own.timings().has(Timings.Stage.REQUEST));
        PeerAddress other = PeerAddress.of(new byte[4], 1);
        own.remote(other);
        own.tls(true);
        assertSame(other, own.remote());
        assertTrue(own.isTls());
        assertEquals(32, own.requestId().length());
        assertEquals(own.requestId(), own.requestId());
        own.abort();
        assertFalse(own.body().isReadable(), "it is given back with the end");
    }

    // ---- the response -------------------------------------------------

    @Test
    void takesAnAnswer() {
        Own own = new Own(request("GET", "/", Fields.NONE, ""));
        own.respond(new Answer(200, Fields.NONE, new byte[5]));
        assertEquals("200 whole 5|", own.answer.toString());
        assertEquals(5, own.bodyBytesSent());
        assertTrue(own.isDone());
        Own head = new Own(request("HEAD", "/", Fields.NONE, ""));
        head.respond(new Answer(200, Fields.NONE, new byte[5]));
        assertEquals(0, head.bodyBytesSent());
    }

    @Test
    void takesPartsAndReleasesThem() {
        Own own = new Own(request("GET", "/", Fields.NONE, ""));
        ByteBuf one = TestExchange.bytes("one");
        ByteBuf two = TestExchange.bytes("two");
        ByteBuf late = TestExchange.bytes("late");
        assertTrue(own.start(203, Fields.NONE, -1));
        own.write(one, false);
        own.write(two, true);
        own.write(late, true);
        assertEquals("203 -1|one|two|", own.answer.toString());
        assertEquals(6, own.bodyBytesSent());
        assertEquals(0, one.refCnt() + two.refCnt() + late.refCnt());
        assertEquals(203, own.status());
    }

    @Test
    void aPartIsReleasedAlsoWhenTakingItFails() {
        OwnExchange own = new OwnExchange(loop, HttpSettings.DEFAULTS, request("GET", "/", Fields.NONE, "")) {
            @Override
            protected void data(ByteBuf part) {
                throw new IllegalStateException("full");
            }
        };
        ByteBuf part = TestExchange.bytes("x");
        own.start(200, Fields.NONE, -1);
        assertThrows(IllegalStateException.class, () -> own.write(part, false));
        assertEquals(0, part.refCnt());
        own.abort();
    }

    @Test
    void filesAreNotReadButCounted(@TempDir Path directory) throws IOException {
        Path file = java.nio.file.Files.writeString(directory.resolve("f"), "content");
        Fd fd = Files.open(file.toString(), Files.O_RDONLY, 0);
        FileSlice slice = new FileSlice(fd, 1, 4);
        Own own = new Own(request("GET", "/", Fields.NONE, ""));
        own.respond(200, Fields.NONE, slice);
        assertEquals(4, own.bodyBytesSent());
        assertEquals(0, slice.refCnt());
        assertTrue(own.isDone());
    }

    @Test
    void aRegionOfABodyIsAFileOfItsOwn(@TempDir Path directory) throws IOException {
        BodyFile body = BodyFile.create(directory.toString());
        body.append(Unpooled.directBuffer().writeBytes("content".getBytes(StandardCharsets.US_ASCII)), 7);
        DefaultFileRegion region = BodyRegions.of(body.fd(), 7);
        body.close();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertEquals(7, region.transferTo(Channels.newChannel(out), 0));
        assertEquals("content", out.toString(StandardCharsets.US_ASCII), "the descriptor of the request has gone");
        assertTrue(region.release());
        assertThrows(RuntimeException.class, () -> BodyRegions.of(body.fd(), 7), "nor can it be had any more");
    }

    @Test
    void failsLikeAnyOther() {
        Own own = new Own(request("GET", "/", Fields.NONE, ""));
        own.fail(404);
        assertEquals("404 whole 54|", own.answer.toString());
        Own cut = new Own(request("GET", "/", Fields.NONE, ""));
        cut.start(200, Fields.NONE, 10);
        cut.fail(500);
        assertEquals("200 10|", cut.answer.toString());
        assertTrue(cut.isDone());
        Own plain = new Own(request("GET", "/", Fields.NONE, ""));
        assertThrows(IllegalStateException.class, () -> plain.upgrade(TestExchange.bytes(""), frame -> true));
        plain.interim(103, Fields.NONE);
        plain.resume();
        plain.flush();
        assertFalse(plain.isStarted());
        plain.abort();
    }

    // ---- changed fields -----------------------------------------------

    private static String show(Request request) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < request.fieldCount(); i++) {
            StringBuilder value = new StringBuilder();
            request.writeValue(i, (a, start, length) -> value.append(new String(a, start, length,
                StandardCharsets.ISO_8859_1)));
            assertEquals(request.value(i).toString(), value.toString());
            text.append(request.name(i)).append('=').append(value).append(';');
        }
        return text.toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        X | 1 | A=1;Cookie=c;a=2;Host=h;X=1;
        A | 3 | Cookie=c;Host=h;A=3;
        a | - | Cookie=c;Host=h;
        X | - | A=1;Cookie=c;a=2;Host=h;
        COOKIE | '' | A=1;a=2;Host=h;COOKIE=;
        """)
    void replaceAllOfTheirName(String name, String value, String wanted) {
        Own own = new Own(request("GET", "/p?q", Fields.of("A", "1", "Cookie", "c", "a", "2", "Host", "h"), "body"));
        Request before = own.request();
        own.requestField(ascii(name), Optional.ofNullable(value).map(OwnExchangeTest::ascii));
        Request after = own.request();
        assertEquals(wanted, show(after));
        assertEquals("A=1;Cookie=c;a=2;Host=h;", show(before), "the request as it came stays");
        for (int i = 0; i < after.fieldCount(); i++) {
            assertEquals(after.find(after.name(i), i), i);
            assertEquals(after.name(i).contentEqualsIgnoreCase("cookie") ? KnownField.COOKIE
                : after.name(i).contentEqualsIgnoreCase("host") ? KnownField.HOST : KnownField.OTHER, after.known(i));
        }
        assertEquals("GET http /p q /p?q HTTP/1.1 true false 4", after.method() + " " + after.scheme() + " "
            + after.path() + " " + after.query() + " " + after.target() + " " + after.version() + " " + after.isGet()
            + " " + after.isHead() + " " + after.contentLength());
        assertSame(own.body(), after.body());
        assertSame(own.remote(), after.remote());
        assertSame(own.local(), after.local());
        assertEquals(own.requestId(), after.requestId());
        StringBuilder line = new StringBuilder();
        after.writeLine((a, start, length) -> line.append(new String(a, start, length, StandardCharsets.ISO_8859_1)));
        assertEquals("GET /p?q HTTP/1.1", line.toString());
        assertTrue(after.hasLine() && after.hasQuery());
        assertEquals(Optional.empty(), after.bodyFile());
        assertEquals(Optional.empty(), after.handshake());
        assertFalse(after.isTls() || after.isWebSocket());
        assertEquals("Example.COM:81 example.com example.com", after.authority() + " " + after.host() + " "
            + after.serverName());
        own.abort();
    }

    @Test
    void manyChangesInARow() {
        Own own = new Own(request("GET", "/", Fields.of("A", "1", "B", "2"), ""));
        for (int i = 0; i < 50; i++) {
            own.requestField(ascii("X" + i % 3), Optional.of(ascii("" + i)));
        }
        assertEquals("A=1;B=2;X2=47;X0=48;X1=49;", show(own.request()));
        own.requestField(ascii("cookie"), Optional.of(ascii("a")));
        assertEquals(5, own.request().find(KnownField.COOKIE));
        own.requestField(ascii("Cookie"), Optional.empty());
        assertEquals(-1, own.request().find(KnownField.COOKIE));
        own.requestField(ascii("B"), Optional.empty());
        assertEquals(-1, own.request().find(ascii("b"), 0));
        assertEquals("A=1;X2=47;X0=48;X1=49;", show(own.request()));
        own.path(ascii("/rewritten"));
        assertEquals("/rewritten", own.request().path().toString(), "what else changes is seen through it");
        own.abort();
    }

    @ParameterizedTest
    @CsvSource({"'', a", "A b, a", "A:, a", "A, 'a\r\nB: c'", "A, 'a\0'", "A\u00e9, a"})
    void nothingElseCanBeSmuggledIn(String name, String value) {
        Own own = new Own(request("GET", "/", Fields.of("A", "1"), ""));
        assertThrows(IllegalArgumentException.class,
            () -> own.requestField(ascii(name), Optional.of(ascii(value))));
        assertEquals("A=1;", show(own.request()));
        own.abort();
    }
}

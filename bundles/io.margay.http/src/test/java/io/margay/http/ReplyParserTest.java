// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a response, wherever it is cut, and what is none. */
class ReplyParserTest {

    private static final String OK = "HTTP/1.1 200 OK\r\n";

    /** Puts together what was found. */
    private static final class Found implements ReplyParser.Sink {

        private final StringBuilder text = new StringBuilder();

        @Override
        public void head(AnswerHead head) {
            text.append(head.status()).append('|').append(head.fields().toString(StandardCharsets.ISO_8859_1))
                .append('|');
        }

        @Override
        public void data(ByteBuf part, boolean last) {
            text.append(part.toString(StandardCharsets.ISO_8859_1)).append(last ? "." : "");
            part.release();
        }
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    static Stream<Arguments> responses() {
        return Stream.of(
            Arguments.of(OK + "A: b\r\nContent-Length: 5\r\n\r\nhello", "200|A: b\r\nContent-Length: 5\r\n|hello."),
            Arguments.of(OK + "Content-Length: 0\r\n\r\n", "200|Content-Length: 0\r\n|."),
            Arguments.of(OK + "content-length:5\r\nContent-Length: 5\r\n\r\nhello", "200|content-length: 5\r\n|hello."),
            Arguments.of(OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n006;x=\"y\"\r\n world\r\n0\r\n\r\n",
                "200||hello world."),
            Arguments.of(OK + "transfer-encoding: Chunked\r\n\r\n1 \r\nx\r\n0\r\nTrailer: 1\r\nB: c\r\n\r\n",
                "200||x."),
            Arguments.of("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + OK
                + "Content-Length: 1\r\n\r\ny", "200|Content-Length: 1\r\n|y."),
            Arguments.of("HTTP/1.1 204 \r\nContent-Length: 0\r\n\r\n", "204|Content-Length: 0\r\n|."),
            Arguments.of("HTTP/1.1 304\r\nContent-Length: 7\r\n\r\n", "304|Content-Length: 7\r\n|."),
            Arguments.of("HTTP/1.1 999 \u00e4\tx\r\nContent-Length: 0\r\n\r\n", "999|Content-Length: 0\r\n|."),
            Arguments.of(OK
                + "Connection: x-own, close\r\nX-Own: 1\r\nX-Other:  2 \t\r\nKeep-Alive: 5\r\nUpgrade: h2\r\n"
                + "Status: 7\r\nContent-Length: 0\r\n\r\n", "200|X-Other: 2\r\nContent-Length: 0\r\n|."));
    }

    @ParameterizedTest
    @MethodSource("responses")
    void whereverItIsCut(String response, String wanted) throws BadResponseException {
        for (int cut = 0; cut < response.length(); cut++) {
            Found found = new Found();
            ReplyParser parser = ReplyParser.strict(1000, found);
            parser.begin(false, false);
            parser.read(bytes(response.substring(0, cut)));
            parser.read(bytes(response.substring(cut)));
            assertEquals(wanted, found.text.toString(), "cut at " + cut);
            assertTrue(parser.isDone());
            assertEquals(ReplyParser.End.COMPLETE, parser.eof());
        }
        Found found = new Found();
        ReplyParser parser = ReplyParser.strict(1000, found);
        parser.begin(false, false);
        for (int i = 0; i < response.length(); i++) {
            parser.read(bytes(response.substring(i, i + 1)));
        }
        assertEquals(wanted, found.text.toString());
    }

    @Test
    void whatIsBehindAResponseIsLeft() throws BadResponseException {
        Found found = new Found();
        ReplyParser parser = ReplyParser.strict(1000, found);
        for (String response : new String[] {OK + "Content-Length: 1\r\n\r\nx",
            OK + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 204 No\r\n\r\n"}) {
            parser.begin(false, false);
            ByteBuf in = bytes(response + "more");
            parser.read(in);
            assertEquals("more", in.toString(StandardCharsets.ISO_8859_1));
            assertTrue(parser.keepsAlive());
        }
    }

    @Test
    void whatFollowsAnUpgradeIsPassed() throws BadResponseException {
        Found found = new Found();
        ReplyParser parser = ReplyParser.strict(1000, found);
        parser.begin(false, true);
        parser.read(bytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Protocol: x\r\n\r\nframe"));
        parser.read(bytes("HTTP/1.1 200 OK\r\n"));
        assertEquals("101|Sec-WebSocket-Protocol: x\r\n|frameHTTP/1.1 200 OK\r\n", found.text.toString());
        assertEquals(ReplyParser.End.COMPLETE, parser.eof());
        parser.begin(false, true);
        parser.read(bytes("HTTP/1.1 426 No\r\nContent-Length: 0\r\n\r\n"));
        assertTrue(parser.isDone(), "or it refuses");
    }

    @Test
    void theAnswerToHeadHasNoBody() throws BadResponseException {
        Found found = new Found();
        ReplyParser parser = ReplyParser.strict(1000, found);
        parser.begin(true, false);
        parser.read(bytes(OK + "Content-Length: 5\r\n\r\n"));
        assertEquals("200|Content-Length: 5\r\n|.", found.text.toString());
    }

    @Test
    void withoutALengthTheEndOfTheConnectionIsTheEnd() throws BadResponseException {
        Found found = new Found();
        ReplyParser parser = ReplyParser.strict(1000, found);
        parser.begin(false, false);
        parser.read(bytes("HTTP/1.0 200 OK\r\n\r\nhel"));
        parser.read(bytes("lo"));
        assertEquals("200||hello", found.text.toString());
        assertEquals(ReplyParser.End.COMPLETE, parser.eof());
        assertEquals("200||hello.", found.text.toString());
    }

    @Test
    void anEarlyEndIsNoticed() throws BadResponseException {
        String whole = OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
        for (int length = 0; length < whole.length(); length++) {
            ReplyParser parser = ReplyParser.strict(1000, new Found());
            parser.begin(false, false);
            parser.read(bytes(whole.substring(0, length)));
            assertEquals(length == 0 ? ReplyParser.End.NOTHING : ReplyParser.End.CUT, parser.eof(), "at " + length);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive, close\r\nContent-Length: 0\r\n\r\n"})
    void aConnectionMayEndWithItsAnswer(String response) throws BadResponseException {
        ReplyParser parser = ReplyParser.strict(1000, new Found());
        parser.begin(false, false);
        parser.read(bytes(response));
        assertEquals(response.contains("keep-alive") && !response.contains("close"), parser.keepsAlive());
    }

    static Stream<String> faults() {
        return Stream.of("x", "\r\n" + OK + "\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.2 200 OK\r\n\r\n",
            "http/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n",
            "HTTP/1.1 +20 OK\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n", "HTTP/1.1 200 O\0K\r\n\r\n",
            "HTTP/1.1 200 OK\n\r\n\r\n", OK + " folded: x\r\n\r\n", OK + "A: b\r\n c\r\n\r\n", OK + "A b: c\r\n\r\n",
            OK + ": c\r\n\r\n", OK + "A\r\n\r\n", OK + "A : b\r\n\r\n", OK + "A: \1\r\n\r\n", OK + "A: b\rc\r\n\r\n",
            OK + "A: b\n\r\n\r\n", OK + "Content-Length: x\r\n\r\n", OK + "Content-Length: -1\r\n\r\n",
            OK + "Content-Length: 1, 1\r\n\r\n", OK + "Content-Length: \r\n\r\n",
            OK + "Content-Length: 99999999999999999999\r\n\r\n", OK + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
            OK + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", OK + "Transfer-Encoding: gzip\r\n\r\n",
            OK + "Transfer-Encoding: gzip, chunked\r\n\r\n", OK + "Transfer-Encoding: \r\n\r\n",
            OK + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", OK + "A: " + "x".repeat(1000) + "\r\n\r\n",
            OK + "A: " + "x".repeat(5000), "HTTP/1.1 100 Continue\r\n\r\n".repeat(65));
    }

    static Stream<String> chunkFaults() {
        return Stream.of("\r\n", "x\r\n", "-1\r\n", "0x1\r\n", "1\n", "1\rx", ";\r\n", "1;\0\r\n", "1;"
            + "x".repeat(5000),
            "1234567890123456\r\n", "1\r\nxy", "1\r\nx\ry", "1\r\nx\n", "0\r\n\n", "0\r\nA\n", "0\r\n: x\r\n",
            "0\r\nA\rx",
            "0\r\nA: \0", "0\r\n\rx", "0\r\n" + "A: b\r\n".repeat(20_000));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void isRefused(String response) {
        ReplyParser parser = ReplyParser.strict(1000, new Found());
        parser.begin(false, false);
        assertThrows(BadResponseException.class, () -> parser.read(bytes(response)));
    }

    @ParameterizedTest
    @MethodSource("chunkFaults")
    void chunksAreRefused(String chunks) throws BadResponseException {
        ReplyParser parser = ReplyParser.strict(1000, new Found());
        parser.begin(false, false);
        parser.read(bytes(OK + "Transfer-Encoding: chunked\r\n\r\n"));
        assertThrows(BadResponseException.class, () -> parser.read(bytes(chunks)));
    }
}

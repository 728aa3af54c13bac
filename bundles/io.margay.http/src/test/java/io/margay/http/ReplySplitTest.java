// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A response is the same for both kinds of parser however it is cut (RFC 9112), and its buffers are given back. */
class ReplySplitTest {
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    /** Puts together what was found, and counts what it was given. */
    private static final class Found implements ReplyParser.Sink {
        private final StringBuilder text = new StringBuilder();
        private final List<ByteBuf> kept = new ArrayList<>();
        private final boolean keeps;
        private int last;
        private int empty;

        Found(boolean keeps) {
            this.keeps = keeps;
        }

        @Override
        public void interim(AnswerHead head) {
            text.append(head.status()).append('~');
        }

        @Override
        public void trailer(AsciiString name, AsciiString value) {
            text.append('[').append(name).append('=').append(value).append(']');
        }

        @Override
        public void head(AnswerHead head) {
            text.append(head.status()).append('|')
                .append(head.fields().toString(StandardCharsets.ISO_8859_1).replace("\r\n", ",")).append('|');
        }

        @Override
        public void data(ByteBuf part, boolean end) {
            text.append(part.toString(StandardCharsets.ISO_8859_1)).append(end ? "." : "");
            last += end ? 1 : 0;
            empty += part.isReadable() ? 0 : 1;
            if (keeps) {
                kept.add(part);
            } else {
                part.release();
            }
        }

        /** Trailers come before the last part of the body, and how much of it was held is not told. */
        String body() {
            return text.toString();
        }
    }

    private static ReplyParser parser(boolean lenient, Found found) {
        ReplyParser parser = lenient ? ReplyParser.lenient(1000, found) : ReplyParser.strict(1000, found);
        parser.begin(false, false);
        return parser;
    }

    /** Gives parts to a parser; buffers must be only the caller's afterwards. */
    private static Found read(boolean lenient, byte[] all, int... cuts) throws BadResponseException {
        Found found = new Found(false);
        ReplyParser parser = parser(lenient, found);
        int from = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int to = i < cuts.length ? cuts[i] : all.length;
            ByteBuf in = Unpooled.copiedBuffer(all, from, to - from);
            parser.read(in);
            assertEquals(0, in.readableBytes(), "all was taken up to " + to);
            assertEquals(1, in.refCnt(), "nobody else holds what was taken up to " + to);
            from = to;
        }
        assertTrue(parser.isDone());
        assertEquals(1, found.last, "the last part comes once");
        return found;
    }

    static Stream<String[]> responses() {
        return Stream.of(new String[][] {
            {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: b\r\n\r\nhello", "200|Content-Length: 5,A: b,|hello."},
            {"HTTP/1.1 200 OK\r\nA:\t b c \t\r\nB:\r\nContent-Length: 0\r\n\r\n",
                "200|A: b c,B: ,Content-Length: 0,|."},
            {"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\n\0", "200|Content-Length: 1,|\0."},
            {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n"
                    + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\r\n", "100~103~200|Content-Length: 2,|\r\n."},
            {CHUNKED + "5\r\nhello\r\n0\r\n\r\n", "200||hello."},
            {CHUNKED + "0\r\n\r\n", "200||."}, {CHUNKED + "000000000000000\r\n\r\n", "200||."},
            {CHUNKED + "00A\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n\r\n", "200||01234567890123456789a."},
            {CHUNKED + "1;a\r\n1\r\n1 ;a=b\r\n2\r\n1\t\r\n3\r\n1;a=\"\u00e9;\"\r\n4\r\n0;last\r\n\r\n", "200||1234."},
            {CHUNKED + "2\r\n\r\n\r\n0\r\n\r\n", "200||\r\n."},
            {"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", "204|Content-Length: 9,|."},
            {"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", "304||."},
        });
    }

    @ParameterizedTest
    @MethodSource("responses")
    void inTwoPartsAndInSingleBytes(String response, String wanted) throws BadResponseException {
        byte[] all = response.getBytes(StandardCharsets.ISO_8859_1);
        for (boolean lenient : new boolean[] {false, true}) {
            assertEquals(wanted, read(lenient, all).body());
            for (int cut = 1; cut < all.length; cut++) {
                assertEquals(wanted, read(lenient, all, cut).body(), "cut at " + cut);
            }
            int[] each = new int[all.length - 1];
            for (int i = 0; i < each.length; i++) {
                each[i] = i + 1;
            }
            assertEquals(wanted, read(lenient, all, each).body(), "in single bytes");
        }
    }

    @Test
    void inThreeParts() throws BadResponseException {
        byte[] all = (CHUNKED + "3;x\r\nabc\r\n0\r\nT: u\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
        for (int one = CHUNKED.length(); one < all.length; one++) {
            for (int other = one; other <= all.length; other++) {
                String text = read(true, all, one, other).body();
                assertEquals("200||abc.", text.replace("[T=u]", ""), one + " and " + other);
                assertEquals(1, text.split("\\[T=u]", -1).length - 1, "the trailer is told once");
            }
        }
    }

    @Test
    void trailersAreToldBeforeTheEnd() throws BadResponseException {
        byte[] all = (CHUNKED + "1\r\nx\r\n0\r\nA: b\r\nC:  d e \t\r\nF:\r\nG:\u00ff\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
        for (int cut = 1; cut < all.length; cut++) {
            String text = read(false, all, cut).body();
            assertTrue(text.endsWith("."), text);
            assertEquals("200||[A=b][C=d e][F=][G=\u00ff]", text.replace("x", "").replace(".", ""), "cut at " + cut);
        }
    }

    @Test
    void partsOfTheBodyAreSlicesNotCopies() throws BadResponseException {
        Found found = new Found(true);
        ReplyParser parser = parser(false, found);
        ByteBuf in = Unpooled.copiedBuffer(CHUNKED + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", StandardCharsets.ISO_8859_1);
        parser.read(in);
        assertEquals(2, found.kept.size());
        assertEquals(3, in.refCnt(), "each part holds the buffer");
        in.release();
        found.kept.forEach(part -> assertTrue(part.release() || part.refCnt() >= 0));
        assertEquals(0, in.refCnt());
    }

    @Test
    void aHeadAloneIsToldAtOnce() throws BadResponseException {
        Found found = new Found(false);
        ReplyParser parser = parser(false, found);
        parser.read(Unpooled.copiedBuffer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", StandardCharsets.US_ASCII));
        assertEquals(1, found.empty, "an empty part sends the head");
        assertEquals(0, found.last);
        parser.read(Unpooled.copiedBuffer("abc", StandardCharsets.US_ASCII));
        assertEquals("200|Content-Length: 3,|abc.", found.body());
        assertEquals(1, found.empty);
    }

    @Test
    void whatIsGoodBeforeAFaultIsGivenBackToo() throws BadResponseException {
        Found found = new Found(false);
        ReplyParser parser = parser(false, found);
        ByteBuf in = Unpooled.copiedBuffer(CHUNKED + "3\r\nabc\r\nx", StandardCharsets.US_ASCII);
        assertThrows(BadResponseException.class, () -> parser.read(in));
        assertEquals("200||abc", found.body());
        assertEquals(1, in.refCnt());
        assertFalse(parser.isDone());
        assertEquals(ReplyParser.End.CUT, parser.eof());
    }

    @ParameterizedTest
    @CsvSource({"200, false, HEAD", "200, true, HEAD", "404, true, HEAD", "204, true, GET", "304, true, GET",
        "204, false, GET", "304, false, GET"})
    void someResponsesHaveNoBodyWhateverTheySay(int status, boolean chunked, String method)
            throws BadResponseException {
        Found found = new Found(false);
        ReplyParser parser = ReplyParser.strict(1000, found);
        parser.begin(method.equals("HEAD"), false);
        ByteBuf in = Unpooled.copiedBuffer("HTTP/1.1 " + status + " X\r\n"
            + (chunked ? "Transfer-Encoding: chunked" : "Content-Length: 7") + "\r\n\r\n3\r\nabc",
            StandardCharsets.US_ASCII);
        parser.read(in);
        assertTrue(parser.isDone());
        assertEquals(6, in.readableBytes(), "what follows is none of it");
        assertEquals(1, found.last);
    }

    @Test
    void oneAfterTheOther() throws BadResponseException {
        Found found = new Found(false);
        ReplyParser parser = parser(true, found);
        ByteBuf in = Unpooled.copiedBuffer(CHUNKED + "1\r\na\r\n0\r\n\r\nHTTP/1.0 500 E\r\nContent-Length: 1\r\n\r\nb"
            + "HTTP/1.1 304\r\n\r\nHTTP/1.1 200\r\n\r\nc", StandardCharsets.US_ASCII);
        for (String wanted : new String[] {"200||a.", "500|Content-Length: 1,|b.", "304||.", "200||c"}) {
            assertTrue(parser.isUntouched(), wanted);
            found.text.setLength(0);
            parser.read(in);
            assertEquals(wanted, found.body());
            if (parser.isDone()) {
                parser.begin(false, false);
            }
        }
        assertEquals(ReplyParser.End.COMPLETE, parser.eof());
        assertEquals("200||c.", found.body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 100 C\r\n\r\n", "HTTP/1.1 100 C\r\n\r\nHTTP", "H"})
    void aConnectionThatEndsInTheHeadIsCut(String begin) throws BadResponseException {
        ReplyParser parser = parser(false, new Found(false));
        assertTrue(parser.isUntouched());
        parser.read(Unpooled.copiedBuffer(begin, StandardCharsets.US_ASCII));
        assertFalse(parser.isUntouched());
        assertEquals(ReplyParser.End.CUT, parser.eof());
        parser.begin(false, false);
        assertEquals(ReplyParser.End.NOTHING, parser.eof());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How much of a response there may be, and what each byte means in each of its places (RFC 9112, RFC 9110 §5). */
class ReplyLimitsTest {
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String CHUNKED = OK + "Transfer-Encoding: chunked\r\n\r\n";

    /** Keeps what it was told of the last head. */
    private static final class Found implements ReplyParser.Sink {
        private String fields = "";
        private boolean mended;
        private boolean status;
        private long size;
        private int parts;

        @Override
        public void head(AnswerHead head) {
            fields = head.fields().toString(StandardCharsets.ISO_8859_1);
            mended = head.isMended();
            status = head.hasStatus();
        }

        @Override
        public void data(ByteBuf part, boolean last) {
            size += part.readableBytes();
            parts++;
            part.release();
        }
    }

    private final Found found = new Found();

    private ReplyParser parser(boolean lenient, int most) {
        ReplyParser parser = lenient ? ReplyParser.lenient(most, found) : ReplyParser.strict(most, found);
        parser.begin(false, false);
        return parser;
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    private boolean takes(boolean lenient, String response) {
        try {
            parser(lenient, 100_000).read(bytes(response));
            return true;
        } catch (BadResponseException e) {
            return false;
        }
    }

    static IntStream everyByte() {
        return IntStream.range(0, 256);
    }

    // ---- sizes --------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {39, 100, 1023, 1024, 1025, 2048, 8192, 65_536, 70_000})
    void theHeadHasALimit(int most) throws BadResponseException {
        for (int size = most - 1; size <= most + 1; size++) {
            String head = OK + "Content-Length: 0\r\n";
            String text = head.length() + 2 == size ? head + "\r\n"
                : head + "A:" + "x".repeat(Math.max(0, size - head.length() - 6)) + "\r\n\r\n";
            if (text.length() != size) {
                continue;
            }
            for (boolean lenient : new boolean[] {false, true}) {
                ReplyParser parser = parser(lenient, most);
                if (size <= most) {
                    parser.read(bytes(text));
                    assertTrue(parser.isDone(), size + " of " + most);
                } else {
                    BadResponseException e = assertThrows(BadResponseException.class, () -> parser.read(bytes(text)));
                    assertEquals("a head of more than " + most + " bytes"
                        + (lenient ? "" : " (option \"limits.response_head\")"), e.getMessage());
                }
            }
        }
    }

    @Test
    void aHeadThatNeverEndsIsGivenUpAtItsLimit() {
        ReplyParser parser = parser(false, 5000);
        ByteBuf in = bytes(OK + "A: " + "x".repeat(100_000));
        assertThrows(BadResponseException.class, () -> parser.read(in));
        assertTrue(in.readableBytes() > 90_000, "not all was read for that");
        assertEquals(0, found.parts);
    }

    @ParameterizedTest
    @CsvSource({"63, true", "64, true", "65, false"})
    void interimResponsesAreCounted(int count, boolean good) {
        assertEquals(good, takes(false, "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(count) + OK + "\r\n"));
        assertEquals(good, takes(true, "HTTP/1.1 103 Early Hints\n\n".repeat(count) + OK + "\n"));
    }

    @Test
    void eachResponseCountsItsOwn() throws BadResponseException {
        ReplyParser parser = parser(false, 1000);
        for (int i = 0; i < 3; i++) {
            parser.read(bytes("HTTP/1.1 102 P\r\n\r\n".repeat(40) + OK + "Content-Length: 0\r\n\r\n"));
            assertTrue(parser.isDone());
            parser.begin(false, false);
        }
    }

    @ParameterizedTest
    @CsvSource({"f, 15", "fff, 4095", "000000000000fff, 4095", "fffffffffffffff, 1152921504606846975",
        "FFFFFFFFFFFFFFF, 1152921504606846975", "0000000000000fff, -1", "10000000000000000, -1", "'', -1", "' 1', -1",
        "+1, -1", "-1, -1", "0x1, -1", "1g, -1", "1., -1", "\u00b9, -1"})
    void sizesOfChunks(String size, long wanted) {
        ReplyParser parser = parser(false, 1000);
        if (wanted < 0) {
            assertEquals("a chunk with a bad size", assertThrows(BadResponseException.class,
                () -> parser.read(bytes(CHUNKED + size + "\r\n"))).getMessage());
            return;
        }
        int sent = (int) Math.min(wanted, 10_000);
        assertDoesNotThrow(() -> parser.read(bytes(CHUNKED + size + "\r\n" + "x".repeat(sent))));
        assertEquals(sent, found.size);
        // Only where so many bytes have come does the chunk end.
        assertEquals(sent < wanted, assertDoesNotThrow(() -> {
            try {
                parser.read(bytes("x"));
                return true;
            } catch (BadResponseException e) {
                return false;
            }
        }));
    }

    @ParameterizedTest
    @CsvSource({"4095, true", "4096, true", "4097, false"})
    void anExtensionOfAChunk(int size, boolean good) {
        // The digit counts with what follows the semicolon.
        assertEquals(good, takes(false, CHUNKED + "1;" + "e".repeat(size - 1) + "\r\n"));
        assertEquals(good, takes(true, CHUNKED + "1;" + "e".repeat(size - 1) + "\r\n"));
    }

    @ParameterizedTest
    @CsvSource({"true, 4095, true", "true, 4096, true", "true, 4097, false", "false, 65535, true",
        "false, 65536, true", "false, 65537, false"})
    void allTrailersTogether(boolean lenient, int size, boolean good) {
        String field = "A: b\r\n";
        String rest = "B: " + "x".repeat((size - 7) % 6) + "\r\n\r\n";
        String trailers = field.repeat((size - 7) / 6) + rest;
        assertEquals(size, trailers.length());
        assertEquals(good, takes(lenient, CHUNKED + "0\r\n" + trailers));
    }

    @Test
    void aLargeHeadIsForgottenWithTheNextResponse() throws BadResponseException {
        ReplyParser parser = parser(false, 1 << 20);
        parser.read(bytes(OK + "A: " + "x".repeat(200_000) + "\r\nContent-Length: 0\r\n\r\n"));
        assertEquals(200_000 + 5 + 19, found.fields.length());
        parser.begin(false, false);
        parser.read(bytes(OK + "B: c\r\nContent-Length: 0\r\n\r\n"));
        assertEquals("B: c\r\nContent-Length: 0\r\n", found.fields);
    }

    // ---- every byte in every place ------------------------------------

    private static boolean isControl(int c) {
        return c < 0x20 && c != '\t';
    }

    private static boolean isToken(int c) {
        return c < 0x80 && (Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void inALine(int c) {
        char letter = (char) c;
        boolean end = letter == '\n';
        assertEquals(!isControl(c), takes(false, "HTTP/1.1 200 O" + letter + "K\r\n\r\n"), "in the reason");
        assertEquals(!isControl(c), takes(false, OK + "A: b" + letter + "c\r\n\r\n"), "in a value");
        assertEquals(!isControl(c), takes(true, OK + "A: b" + letter + "c\r\n\r\n") && !end, "in a value of others");
        assertEquals(isToken(c) || letter == ':', takes(false, OK + "A" + letter + ": b\r\n\r\n"), "in a name");
        assertEquals(isToken(c), takes(false, OK + letter + "A: b\r\n\r\n"), "at the begin of a name");
        assertEquals(letter >= '1' && letter <= '9', takes(false, "HTTP/1.1 " + letter + "99\r\n\r\n")
            || letter == '1', "the first digit of the status; one of 1 is interim");
        assertEquals(letter >= '0' && letter <= '9', takes(false, "HTTP/1.1 20" + letter + " OK\r\n\r\n"), "the last");
        assertEquals(letter == ' ', takes(false, "HTTP/1.1 200" + letter + "OK\r\n\r\n"), "behind the status");
        assertEquals(letter == '0' || letter == '1', takes(false, "HTTP/1." + letter + " 200 OK\r\n\r\n"), "minor");
        assertEquals(letter == '1', takes(false, "HTTP/" + letter + ".1 200 OK\r\n\r\n"), "major");
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void inAChunkedBody(int c) {
        char letter = (char) c;
        boolean hex = Character.digit(letter, 16) >= 0 && c < 0x80;
        assertEquals(hex, takes(false, CHUNKED + letter), "at the begin of a size");
        assertEquals(hex || " \t;\r".indexOf(letter) >= 0, takes(false, CHUNKED + "1" + letter), "behind a digit");
        assertEquals(!isControl(c) || letter == '\r', takes(false, CHUNKED + "1;a" + letter), "in an extension");
        assertEquals(letter == '\n', takes(false, CHUNKED + "1\r" + letter), "behind the CR of a size");
        assertEquals(letter == '\r', takes(false, CHUNKED + "1\r\nx" + letter), "behind the data");
        assertEquals(letter == '\n', takes(false, CHUNKED + "1\r\nx\r" + letter), "behind its CR");
        assertTrue(takes(false, CHUNKED + "1\r\n" + letter + "\r\n0\r\n\r\n"), "as data");
        assertEquals(isToken(c) || letter == '\r', takes(false, CHUNKED + "0\r\n" + letter), "where trailers begin");
        assertEquals(letter == '\n', takes(false, CHUNKED + "0\r\n\r" + letter), "the last byte");
        assertEquals(!isControl(c), takes(true, CHUNKED + "0\r\nA: b" + letter + "c\r\n\r\n"), "in a trailer's value");
        assertEquals(isToken(c) || letter == ':', takes(true, CHUNKED + "0\r\nA" + letter + ": b\r\n\r\n"),
            "in a trailer's name");
        assertEquals(letter == '\n', takes(true, CHUNKED + "0\r\nA: b\r" + letter), "behind a trailer");
    }

    // ---- the connection -----------------------------------------------

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        1.1 |                         | true
        1.0 |                         | false
        1.1 | close                   | false
        1.1 | CLOSE                   | false
        1.1 | x, close                | false
        1.1 | closed                  | true
        1.1 | keep-alive              | true
        1.0 | keep-alive              | true
        1.0 | Keep-Alive, x           | true
        1.0 | keep-alive, close       | false
        1.0 | close, keep-alive       | false
        1.0 | close;keep-alive        | false
        1.1 | close, keep-alive       | false
        1.1 | keep-alive, close       | false
        1.0 | keep-alive;close        | false
        1.1 | ,                       | true
        """)
    void itsOptions(String minor, String options, boolean kept) throws BadResponseException {
        StringBuilder fields = new StringBuilder();
        for (String line : options == null ? new String[0] : options.split(";")) {
            fields.append("Connection: ").append(line).append("\r\n");
        }
        ReplyParser parser = parser(false, 1000);
        parser.read(bytes("HTTP/" + minor + " 200 OK\r\n" + fields + "Content-Length: 0\r\n\r\n"));
        assertEquals(kept, parser.keepsAlive(), "close stands above all (RFC 9112 §9.3)");
        assertEquals("Content-Length: 0\r\n", found.fields, "they are not for the client");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        X-Own             | x-own        | true  | true
        X-Own             | X-OTHER      | false | false
        Content-Length    | content-length | false | false
        Trailer           |              | true  | false
        Status            |              | true  | false
        TE                |              | true  | true
        Upgrade           |              | true  | true
        Keep-Alive        |              | true  | true
        Proxy-Connection  |              | true  | true
        Server            |              | false | false
        Set-Cookie        |              | false | false
        """)
    void fieldsOfTheConnectionStay(String name, String named, boolean strict, boolean lenient)
            throws BadResponseException {
        String text = OK + name + ": 0\r\n" + (named == null ? "" : "Connection: " + named + "\r\n") + "\r\n";
        parser(false, 1000).read(bytes(text));
        assertEquals(strict ? "" : name + ": 0\r\n", found.fields);
        assertFalse(found.status);
        parser(true, 1000).read(bytes(text));
        assertEquals(lenient ? "" : name + ": 0\r\n", found.fields);
        assertEquals(name.equals("Status"), found.status);
        assertFalse(found.mended);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        0;0             | false
        0               | false
        1;2             | true
        x               | true
        -0              | true
        +1              | true
        1 1             | true
        1,1             | true
        0x1             | true
        9223372036854775807 | false
        9223372036854775808 | true
        \u0661          | true
        """)
    void lengthsOfOthersAreMendedOrDropped(String values, boolean mended) throws BadResponseException {
        StringBuilder fields = new StringBuilder();
        for (String value : values.split(";")) {
            fields.append("Content-Length: ").append(value).append("\n");
        }
        ReplyParser parser = parser(true, 1000);
        parser.read(bytes("HTTP/1.1 200 OK\n" + fields + "\n"));
        boolean repeated = values.contains(";");
        assertEquals(mended || repeated, found.mended, "also the same twice (spec/routing.md §9.3)");
        assertEquals(found.mended, !found.fields.contains("Content-Length"));
        if (found.mended) {
            assertFalse(parser.keepsAlive());
            assertEquals(ReplyParser.End.COMPLETE, parser.eof(), "the end of the connection is that of the body");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "H", "HTTP/1", "HTTP/1.", "HTTP/1.1 200"})
    void whatMayBegin(String text) {
        byte[] a = bytes(text + "\0".repeat(8)).array();
        assertTrue(AnswerHead.mayBegin(a, text.length()));
        for (int i = 0; i < Math.min(7, text.length()); i++) {
            byte[] other = a.clone();
            other[i]++;
            assertFalse(AnswerHead.mayBegin(other, text.length()), "changed at " + i);
            assertTrue(AnswerHead.mayBegin(other, i), "which has not been seen yet");
        }
    }
}

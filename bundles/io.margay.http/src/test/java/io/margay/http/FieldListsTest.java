// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fields in lines, in lists and in heads that have been sent; trailers, and {@code Vary}. */
class FieldListsTest {

    private static AsciiString ascii(String text) {
        return new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String show(Fields fields) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < fields.size(); i++) {
            text.append(fields.name(i)).append('=').append(fields.value(i)).append(';');
        }
        return text.toString();
    }

    private static String read(String lines) {
        ByteBuf in = TestExchange.bytes(lines);
        int size = in.readableBytes();
        try {
            return show(FieldLines.read(in));
        } finally {
            assertEquals(size, in.readableBytes(), "not taken");
            assertTrue(in.release());
        }
    }

    // ---- lines --------------------------------------------------------

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, textBlock = """
        |
        Link: </a>; rel=preload~|Link=</a>; rel=preload;
        Link: a~Link: b~|Link=a;Link=b;
        Link: a|Link=a;
        A:~B:  ~C:\tx\t~|A=;B=;C=x;
        A: b: c~|A=b: c;
        no field~A: b~|A=b;
        : b~A: b~|A=b;
        ~~A: b~~|A=b;
        Content-Length: 1~content-length: 2~A: b~|A=b;
        Server: x~Connection: close~Keep-Alive: 5~Transfer-Encoding: chunked~Upgrade: h2~A: b~|A=b;
        SERVER: x~UPGRADE: h2~|
        X-Server: x~|X-Server=x;
        """)
    void ofInterimResponses(String lines, String wanted) {
        assertEquals(wanted == null ? "" : wanted, read(lines == null ? "" : lines.replace("~", "\r\n")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"A b: c\r\n", "A : c\r\n", "(A): c\r\n", "A\u00e9: c\r\n", "A\0: c\r\n", "A: b\nc\r\n",
        "A: b\rc\r\n", "A: b\0c\r\n", "A: b\u0001c\r\n", "A: b\nSet-Cookie: x\r\n"})
    void whatWouldBreakAHeadIsRefused(String lines) {
        assertThrows(IllegalArgumentException.class, () -> read(lines));
    }

    static IntStream everyByte() {
        return IntStream.range(0, 256);
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void everyByteOfALine(int c) {
        char letter = (char) c;
        if (c >= ' ' || c == '\t') {
            assertEquals("A=b" + letter + "c;", read("A: b" + letter + "c\r\n"));
        } else {
            assertThrows(IllegalArgumentException.class, () -> read("A: b" + letter + "c\r\n"));
        }
        boolean token = c < 0x80 && (Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
        if (token) {
            assertEquals("A" + letter + "=b;", read("A" + letter + ": b\r\n"));
        } else if (c != ':') {
            assertThrows(IllegalArgumentException.class, () -> read("A" + letter + ": b\r\n"));
        }
    }

    // ---- trailers -----------------------------------------------------

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        -                        | false
        trailers                 | true
        Trailers                 | true
        ' trailers '             | true
        gzip, trailers           | true
        gzip,trailers,x          | true
        gzip;trailers            | false
        trailers;q=0.5           | false
        trailer                  | false
        trailers\u00ff           | false
        ''                       | false
        """)
    void whoTakesTrailersSaysSo(String te, boolean takes) {
        TestExchange exchange = new TestExchange();
        exchange.fields = te == null ? Fields.of("A", "trailers") : Fields.of(ascii("tE"), ascii(te));
        assertEquals(takes, FieldLines.takesTrailers(exchange));
        exchange.fields = exchange.fields.and(ascii("TE"), ascii("trailers"));
        assertTrue(FieldLines.takesTrailers(exchange), "in any of the fields");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length", "Transfer-Encoding", "Connection", "Trailer", "Host", "Server", "Date",
        "TE", "Upgrade", "Keep-Alive", "Content-Type", "Content-Encoding", "Content-Range", "Location", "Set-Cookie",
        "Cache-Control"})
    void someMayNotStandBehindABody(String name) {
        assertEquals(false, FieldLines.isTrailer(ascii(name)));
        assertEquals(false, FieldLines.isTrailer(ascii(name.toUpperCase(java.util.Locale.ROOT))));
        assertEquals(true, FieldLines.isTrailer(ascii("X-" + name)));
        assertEquals(true, FieldLines.isTrailer(ascii(name + "s")));
    }

    // ---- lists --------------------------------------------------------

    @Test
    void listsStayAsTheyAre() {
        Fields one = Fields.of("A", "b");
        Fields two = one.and(ascii("C"), ascii("d"));
        assertEquals("A=b;", show(one));
        assertEquals("A=b;C=d;", show(two));
        assertEquals(0, Fields.NONE.size());
        AsciiString[] texts = {ascii("A"), ascii("b")};
        Fields copy = Fields.of(texts);
        texts[0] = ascii("changed");
        assertEquals("A=b;", show(copy));
        assertThrows(IllegalArgumentException.class, () -> Fields.of("A"));
        assertThrows(IllegalArgumentException.class, () -> Fields.of("", "b"));
        assertThrows(IllegalArgumentException.class, () -> one.and(ascii("A:"), ascii("b")));
        assertThrows(IllegalArgumentException.class, () -> one.and(ascii("A"), ascii("\r\nB: c")));
    }

    // ---- sent heads ---------------------------------------------------

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        X-Two-Words    | 1
        x-two-words    | 1
        X-TWO-WORDS    | 1
        x-two_words    | -
        Under_Score    | 3
        under-score    | 3
        under-Score    | 3
        underXscore    | -
        Twice          | 4
        Twic           | -
        Twicee         | -
        content-length | 7
        Content-Length | 7
        content_length | -
        ''             | -
        """)
    void fieldsAreFoundByTheNamesOfVariables(String name, String wanted) {
        Fields fields = Fields.of("X-Two-Words", "1", "Under_Score", "3", "Twice", "4", "twice", "5");
        Optional<AsciiString> expected = wanted.equals("-") ? Optional.empty() : Optional.of(ascii(wanted));
        assertEquals(expected, SentHead.of(new Answer(200, fields, new byte[7])).field(ascii(name)));
        ResponseHead head = new ResponseHead();
        head.clear(200);
        head.add(fields);
        head.contentLength(7);
        assertEquals(expected, SentHead.find(head, ascii(name)), "while it is made");
        SentHead sent = SentHead.of(head);
        head.clear(500);
        head.add(ascii("X-Two-Words"), ascii("other"));
        assertEquals(expected, sent.field(ascii(name)), "when the head serves another response");
    }

    @Test
    void aFieldStandsBeforeTheKnownLength() {
        ResponseHead head = new ResponseHead();
        head.clear(200);
        assertTrue(head.read(TestExchange.bytes("Content-Length: 12\r\n")));
        assertEquals(Optional.of(ascii("12")), SentHead.find(head, ascii("content-length")));
        head.removeContentLength();
        assertEquals(Optional.empty(), SentHead.find(head, ascii("content-length")));
        head.contentLength(0);
        assertEquals(Optional.of(ascii("0")), SentHead.of(head).field(ascii("content-length")));
    }

    // ---- Vary ---------------------------------------------------------

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ''                               | Vary=Origin;
        A: b                             | A=b;Vary=Origin;
        Vary: Cookie                     | Vary=Cookie, Origin;
        vary: Cookie                     | vary=Cookie, Origin;
        Vary: Origin                     | Vary=Origin;
        Vary: origin                     | Vary=origin;
        Vary: Cookie, ORIGIN             | Vary=Cookie, ORIGIN;
        Vary: *                          | Vary=*;
        Vary: Cookie,*                   | Vary=Cookie,*;
        Vary:                            | Vary=Origin;
        Vary: Origins                    | Vary=Origins, Origin;
        Vary: X-Origin                   | Vary=X-Origin, Origin;
        Vary: Cookie~Vary: Origin        | Vary=Cookie;Vary=Origin;
        Vary: Cookie~Vary: Accept        | Vary=Cookie, Origin;Vary=Accept;
        Vary: Origin\u00ff               | Vary=Origin\u00ff, Origin;
        """)
    void dependsOnWhatIsNamed(String lines, String wanted) {
        ResponseHead head = new ResponseHead();
        head.clear(200);
        assertTrue(head.read(TestExchange.bytes(lines.replace("~", "\r\n") + "\r\n")));
        for (int i = 0; i < 2; i++) {
            Vary.add(head, ascii("Origin"));
            StringBuilder text = new StringBuilder();
            for (int field = 0; field < head.size(); field++) {
                text.append(head.name(field)).append('=').append(head.value(field)).append(';');
            }
            assertEquals(wanted, text.toString(), "the second time changes nothing");
        }
    }

    // ---- tables -------------------------------------------------------

    @Test
    void aTableGrowsAndIsWrittenAsItWasRead() {
        FieldTable table = new FieldTable();
        table.clear();
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            lines.append("N").append(i).append(": ").append("v".repeat(i)).append("\r\n");
        }
        assertTrue(table.read(Unpooled.copiedBuffer(lines, StandardCharsets.US_ASCII)));
        assertEquals(100, table.size());
        for (int i = 0; i < 100; i++) {
            table.value(i, ascii("w".repeat(99 - i)));
        }
        table.append(ascii("Last"), ascii("\u00ff"));
        ByteBuf out = Unpooled.buffer();
        for (int i = 0; i < table.size(); i++) {
            table.writeName(i, out);
            out.writeByte('=');
            table.writeValue(i, out);
            assertEquals(i == 100 ? "Last=\u00ff" : "N" + i + "=" + "w".repeat(99 - i),
                out.toString(StandardCharsets.ISO_8859_1));
            out.clear();
        }
        table.remove(100);
        table.remove(0);
        assertEquals("N1", table.name(0).toString());
        table.move(50, 0);
        table.cut(1);
        assertEquals("N51", table.name(0).toString());
        assertEquals(1, table.size());
        table.clear();
        assertEquals(0, table.size());
        assertEquals(0, table.bytes());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        0    | 0   | -1
        12   | 12  | -1
        404  | 404 | 404
        4044 | 4044 | 404
        404 Not Found | -1 | 404
        ' 404' | 404 | -1
        -404 | -1  | -1
        ''   | -1  | -1
        """)
    void numbersInValues(String value, long whole, long three) {
        FieldTable table = new FieldTable();
        table.clear();
        table.append(ascii("S"), ascii(value));
        assertEquals(whole, table.decimal(0));
        assertEquals(three, table.firstThree(0));
    }
}

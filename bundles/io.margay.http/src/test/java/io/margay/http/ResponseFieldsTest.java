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
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fields of responses, from applications and from filters: spec/http.md §12. Lines end at {@code ~}. */
class ResponseFieldsTest {
    private static final String TOKEN =
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private final ResponseHead head = new ResponseHead();

    private boolean read(String lines) {
        head.clear(200);
        ByteBuf data = Unpooled.copiedBuffer(lines, StandardCharsets.ISO_8859_1);
        try {
            return head.read(data);
        } finally {
            assertEquals(lines.length(), data.readableBytes(), "what is given is not taken over");
            data.release();
        }
    }

    private String text() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < head.size(); i++) {
            ByteBuf out = Unpooled.buffer();
            head.writeName(i, out);
            out.writeByte('=');
            head.writeValue(i, out);
            all.add(out.toString(StandardCharsets.ISO_8859_1));
            assertEquals(head.name(i) + "=" + head.value(i), all.getLast());
            out.release();
        }
        return String.join(";", all);
    }

    private static AsciiString ascii(String text) {
        return new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void everyByteInANameAndInAValue() {
        for (int c = 0; c < 256; c++) {
            String shown = "byte " + c;
            char b = (char) c;
            boolean token = TOKEN.indexOf(b) >= 0;
            boolean value = c == '\t' || c >= ' ';
            assertEquals(token, read("A" + b + ": v\r\n"), shown);
            assertEquals(value, read("A: v" + b + "w\r\n"), shown);
            AsciiString field = ascii("A" + b);
            AsciiString content = ascii("v" + b);
            if (token) {
                head.add(field, ascii("v"));
                assertEquals("v", head.value(head.find(field)).toString(), shown);
            } else {
                assertThrows(IllegalArgumentException.class, () -> head.add(field, ascii("v")), shown);
                assertThrows(IllegalArgumentException.class, () -> head.set(field, ascii("v")), shown);
                assertThrows(IllegalArgumentException.class, () -> Fields.of(field, ascii("v")), shown);
            }
            if (value) {
                head.set(ascii("B"), content);
                assertEquals(content, head.value(head.find(ascii("b"))), shown);
            } else {
                assertThrows(IllegalArgumentException.class, () -> head.add(ascii("A"), content), shown);
                assertThrows(IllegalArgumentException.class, () -> head.set(ascii("A"), content), shown);
                assertThrows(IllegalArgumentException.class, () -> Fields.NONE.and(ascii("A"), content), shown);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
        # lines                                       | fields that are left
        ""                                            | ""
        ~                                             | ""
        A: b~                                         | A=b
        A: b~~                                        | A=b
        A:b~                                          | A=b
        A:~                                           | A=
        "A: ~"                                        | A=
        "A:  ~"                                       | "A= "
        A: b: c~                                      | A=b: c
        A: :~                                         | A=:
        A: b~B: c~                                    | A=b;B=c
        A: 1~a: 2~A: 3~                               | A=1;a=2;A=3
        # what the server says itself
        Server: x~                                    | ""
        SERVER: x~A: b~                               | A=b
        A: b~Connection: close~                       | A=b
        connection: keep-alive~A: b~upgrade: h2c~     | A=b
        Sec-WebSocket-Accept: x~                      | ""
        Transfer-Encoding: chunked~A: b~              | A=b
        Status: 200 OK~A: b~                          | A=b
        Status: 200~                                  | ""
        Status: 404x~                                 | ""
        status: 100 Continue~                         | ""
        Status: 200~Status: 500~                      | ""
        # what looks like it and is not
        Servers: x~                                   | Servers=x
        Serve: x~                                     | Serve=x
        Connection-X: x~                              | Connection-X=x
        X-Status: 1~                                  | X-Status=1
        Statuss: 1~                                   | Statuss=1
        Keep-Alive: timeout=5~                        | Keep-Alive=timeout=5
        Trailer: x~                                   | Trailer=x
        # what is kept
        Date: now~                                    | Date=now
        Content-Type: text/plain; charset=utf-8~      | Content-Type=text/plain; charset=utf-8
        Set-Cookie: a=b~Set-Cookie: c=d~              | Set-Cookie=a=b;Set-Cookie=c=d
        Content-Length: 5~                            | Content-Length=5
        content-LENGTH:  5 ~                          | "content-LENGTH= 5 "
        Content-Length: 0~                            | Content-Length=0
        Content-Length: 0005~                         | Content-Length=0005
        """)
    void taken(String lines, String expected) {
        assertTrue(read(lines.replace("~", "\r\n")));
        assertEquals(expected, text());
        assertTrue(read(lines.replace("~", "\n")), "a line feed is enough");
        assertEquals(expected, text());
        assertFalse(head.hasBadLength());
    }

    @ParameterizedTest
    @ValueSource(strings = {"A", "A~", "A b~", "A b: c~", ": c~", " A: b~", "A : b~", "A: b~ c~", "A: b~\tc: d~",
        "A: b", "A: b\r", "A: b\rc~", "A: b~c", "~A: b~", "A: b~~B: c~", "A:: b~", "A:", "A: \0~", "A\0: b~", "=: b~",
        "A(B): c~", "A/B: c~", "A;B: c~", "A,B: c~", "A\u00e9: b~", "HTTP/1.1 200 OK~A: b~", "\"A\": b~",
        "Status: ~", "Status: 20~", "Status: 99~", "Status: 0200~", "Status: x00~", "Status: -12~", "Status:  200~",
        "A: b~Status: abc~", "Status~"})
    void refused(String lines) {
        assertFalse(read(lines.replace("~", "\r\n")), lines);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
        # lines                                     | length | bad
        A: b~                                       | -1     | false
        Content-Length: 0~                          | 0      | false
        Content-Length: 12~                         | 12     | false
        "Content-Length: \t 12 \t ~"                | 12     | false
        Content-Length: 9223372036854775807~        | 9223372036854775807 | false
        content-length: 007~                        | 7      | false
        Content-Length:~                            | -1     | true
        "Content-Length:   ~"                       | -1     | true
        Content-Length: -1~                         | -1     | true
        Content-Length: +1~                         | -1     | true
        Content-Length: 1.0~                        | -1     | true
        Content-Length: 1e3~                        | -1     | true
        Content-Length: 0x10~                       | -1     | true
        Content-Length: 1 2~                        | -1     | true
        Content-Length: 1,2~                        | -1     | true
        Content-Length: 9223372036854775808~        | -1     | true
        Content-Length: a~                          | -1     | true
        Content-Length: 1~Content-Length: 1~        | -1     | true
        Content-Length: 1~content-length: 2~        | -1     | true
        Content-Length: x~Content-Length: 2~        | -1     | true
        Content-Length: 2~Content-Length: x~        | -1     | true
        Content-Length: 1~A: b~CONTENT-LENGTH: 1~   | -1     | true
        """)
    void lengths(String lines, long length, boolean bad) {
        assertTrue(read("First: 1~".replace("~", "\r\n") + lines.replace("~", "\r\n")));
        assertEquals(length, head.contentLength());
        assertEquals(bad, head.hasBadLength());
        assertEquals(length >= 0, head.hasLengthField());
        assertEquals("1", head.value(head.find(ascii("first"))).toString());
    }

    /** The status of {@code Status} must be one, and is not used. */
    @Test
    void theFieldStatusChangesNothing() {
        assertTrue(read("Status: 404 Not Found\r\n"));
        assertEquals(200, head.status());
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 99, 100, 101, 199, 1000, 10_000})
    void aFilterMayOnlySetAFinalStatus(int status) {
        head.clear(200);
        assertThrows(IllegalArgumentException.class, () -> head.status(status));
        assertEquals(200, head.status());
        head.status(200);
        head.status(999);
        assertEquals(999, head.status());
    }

    @Test
    void clearingForgetsAll() {
        read("A: b\r\nContent-Length: x\r\nDate: y\r\n");
        assertTrue(head.hasBadLength() && head.hasDate());
        head.clear(204);
        assertEquals("204 0 -1 false false", head.status() + " " + head.size() + " " + head.contentLength() + " "
            + head.hasBadLength() + " " + head.hasDate());
        assertEquals(-1, head.find(ascii("A")));
    }

    @Test
    void theLengthCanBeForgotten() {
        read("Content-Length: 5\r\nA: b\r\n");
        head.removeContentLength();
        assertEquals("A=b", text());
        assertEquals(-1, head.contentLength());
        assertFalse(head.hasLengthField());
    }

    /** Names, values and their order after any changes are those of a list. */
    @Test
    void changesAreThoseOfAList() {
        Random random = new Random(2);
        for (int round = 0; round < 300; round++) {
            head.clear(200);
            List<String[]> list = new ArrayList<>();
            for (int step = 0; step < 60; step++) {
                String name = (random.nextBoolean() ? "n" : "N") + random.nextInt(8);
                String value = "v".repeat(random.nextInt(40)) + step;
                switch (random.nextInt(5)) {
                    case 0, 1 -> {
                        head.add(ascii(name), ascii(value));
                        list.add(new String[] {name, value});
                    }
                    case 2 -> {
                        head.set(ascii(name), ascii(value));
                        String[] found = list.stream().filter(each -> each[0].equalsIgnoreCase(name)).findFirst()
                            .orElse(null);
                        if (found == null) {
                            list.add(new String[] {name, value});
                        } else {
                            found[1] = value;
                        }
                    }
                    case 3 -> {
                        head.remove(ascii(name));
                        list.removeIf(each -> each[0].equalsIgnoreCase(name));
                    }
                    default -> {
                        if (!list.isEmpty()) {
                            int place = random.nextInt(list.size());
                            head.remove(place);
                            list.remove(place);
                        }
                    }
                }
            }
            assertEquals(String.join(";", list.stream().map(each -> each[0] + "=" + each[1]).toList()), text());
            for (String[] each : list) {
                int first = head.find(ascii(each[0].toUpperCase(Locale.ROOT)));
                assertTrue(head.name(first).toString().equalsIgnoreCase(each[0]));
            }
        }
    }

    @Test
    void manyAndLongFieldsFit() {
        head.clear(200);
        assertFalse(head.isLarge());
        for (int i = 0; i < 2_000; i++) {
            head.add(ascii("Name-" + i), ascii("x".repeat(i % 100)));
        }
        assertEquals(2_000, head.size());
        assertEquals("x".repeat(99), head.value(1_999).toString());
        assertTrue(head.isLarge(), "the collector may have it");
        assertTrue(head.bytes() > 2_000 * 50);
        String lines = "A: " + "y".repeat(300_000) + "\r\n";
        ResponseHead other = new ResponseHead();
        other.clear(200);
        ByteBuf data = Unpooled.copiedBuffer(lines, StandardCharsets.ISO_8859_1);
        assertTrue(other.read(data));
        data.release();
        assertEquals(300_000, other.value(0).length());
    }

    @Test
    void copiesStayWhenTheHeadGoesOn() {
        read("A: b\r\n");
        AsciiString name = head.name(0);
        AsciiString value = head.value(0);
        read("XXXXXXXX: yyyyyyyyy\r\n");
        assertEquals("A=b", name + "=" + value);
    }

    @Test
    void fieldsAreAList() {
        Fields fields = Fields.of("A", "1", "b", "", "C-D", "x: y\t\u00e9");
        assertEquals(3, fields.size());
        assertEquals("C-D", fields.name(2).toString());
        assertEquals("", fields.value(1).toString());
        AsciiString[] given = {ascii("A"), ascii("1")};
        Fields copied = Fields.of(given);
        given[1] = ascii("2");
        assertEquals("1", copied.value(0).toString());
        assertEquals(0, Fields.NONE.size());
        assertEquals(1, Fields.NONE.and(ascii("A"), ascii("b")).size());
        assertEquals(0, Fields.NONE.size());
        assertThrows(IllegalArgumentException.class, () -> Fields.of("A", "b", "C"));
        assertThrows(IndexOutOfBoundsException.class, () -> fields.name(3));
    }
}

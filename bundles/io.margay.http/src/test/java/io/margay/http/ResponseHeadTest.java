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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fields of responses: spec/http.md §12. */
class ResponseHeadTest {
    private final ResponseHead head = new ResponseHead();

    private boolean read(String lines) {
        head.clear(200);
        return head.read(TestExchange.bytes(lines));
    }

    private String text() {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < head.size(); i++) {
            ByteBuf out = Unpooled.buffer();
            head.writeName(i, out);
            out.writeByte('=');
            head.writeValue(i, out);
            all.append(out.toString(StandardCharsets.ISO_8859_1)).append(';');
        }
        return all.toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "''|''", "'\r\n'|''", "'\n'|''", "'A: b\r\n'|'A=b;'", "'A: b\n\n'|'A=b;'", "'A:b\r\nc:\r\n\r\n'|'A=b;c=;'",
        "'A:  b \r\n'|'A= b ;'", "'A: b: c\r\n'|'A=b: c;'", "'A: \tb\u00ff\r\n'|'A=\tb\u00ff;'",
        "'SERVER: x\r\nConnection: x\r\nupgrade: x\r\nSec-WebSocket-Accept: x\r\nTransfer-Encoding: x\r\n'|''",
        "'Status: 404 x\r\nA: b\r\n'|'A=b;'", "'X_y!#$%&''*+.^`|~: 1\r\n'|'X_y!#$%&''*+.^`|~=1;'"})
    void accepted(String lines, String expected) {
        assertTrue(read(lines.replace("''", "'")));
        assertEquals(expected.replace("''", "'"), text());
    }

    @ParameterizedTest
    @CsvSource({"'A'", "'A: b'", "'A b: c\r\n'", "': c\r\n'", "'A : c\r\n'", "'A:: v\r\n'", "'A: b\u0001\r\n'",
        "'A: b\rc\r\n'", "' A: b\r\n'", "'A: b\r\n c\r\n'", "'A\u00e4: b\r\n'", "'\r\nA: b\r\n'", "'Status: 99\r\n'",
        "'Status: 2x0\r\n'", "'Status: \r\n'", "'A(: b\r\n'", "'A/b: c\r\n'", "'A:'"})
    void refused(String lines) {
        assertFalse(read(lines));
    }

    @Test
    void lengths() {
        read("A: b\r\n");
        assertEquals(-1, head.contentLength());
        read("content-length:  12\t\r\n");
        assertEquals(12, head.contentLength());
        assertTrue(head.hasLengthField());
        for (String bad : new String[] {"Content-Length: 1\r\nA: b\r\nContent-Length: 1\r\n",
            "Content-Length:\r\nA: b\r\n",
            "Content-Length: 1x\r\nA: b\r\n", "Content-Length: 9223372036854775808\r\nA: b\r\n"}) {
            assertTrue(read(bad));
            assertTrue(head.hasBadLength());
            assertEquals(-1, head.contentLength());
            assertEquals("A=b;", text());
        }
    }

    @Test
    void changes() {
        read("A: 1\r\nB: 2\r\na: 3\r\n");
        head.set(AsciiString.of("b"), AsciiString.of("longer"));
        head.set(AsciiString.of("C"), AsciiString.of("4"));
        head.add(AsciiString.of("C"), AsciiString.of("5"));
        assertEquals("A=1;B=longer;a=3;C=4;C=5;", text());
        head.remove(AsciiString.of("A"));
        assertEquals("B=longer;C=4;C=5;", text());
        head.remove(1);
        assertEquals("B=longer;C=5;", text());
        assertEquals(1, head.find(AsciiString.of("c")));
        assertEquals(-1, head.find(AsciiString.of("x")));
        assertEquals("5", head.value(1).toString());
        assertEquals("B", head.name(0).toString());
        for (int i = 0; i < 100; i++) {
            head.add(AsciiString.of("N" + i), AsciiString.of("v".repeat(i)));
        }
        assertEquals("v".repeat(99), head.value(101).toString());
        head.add(AsciiString.of("Date"), AsciiString.of("x"));
        assertTrue(head.hasDate());
    }

    @Test
    void fields() {
        Fields fields = Fields.of("A", "1", "B", "2").and(AsciiString.of("C"), AsciiString.of("3"));
        assertEquals(3, fields.size());
        assertEquals("C", fields.name(2).toString());
        assertEquals("2", fields.value(1).toString());
        assertThrows(IllegalArgumentException.class, () -> Fields.of("A"));
        assertThrows(IllegalArgumentException.class, () -> Fields.of("", "b"));
        assertThrows(IllegalArgumentException.class, () -> Fields.of("A:", "b"));
        assertThrows(IllegalArgumentException.class, () -> Fields.of("A", "b\r\n"));
        assertThrows(IllegalArgumentException.class, () -> fields.and(AsciiString.of("A"), AsciiString.of("\0")));
        head.clear(299);
        head.add(fields);
        assertEquals("A=1;B=2;C=3;", text());
        assertEquals(299, head.status());
    }

    @ParameterizedTest
    @CsvSource({"Host,HOST", "COOKIE,COOKIE", "expect,EXPECT", "Upgrade,UPGRADE", "Referer,REFERER",
        "connection,CONNECTION", "User-Agent,USER_AGENT", "Content-Type,CONTENT_TYPE", "Authorization,AUTHORIZATION",
        "Content-Length,CONTENT_LENGTH", "Transfer-Encoding,TRANSFER_ENCODING", "Sec-WebSocket-Key,SEC_WEBSOCKET_KEY",
        "Sec-WebSocket-Version,SEC_WEBSOCKET_VERSION", "Hose,OTHER", "Cookies,OTHER", "x,OTHER", "Connectio_,OTHER"})
    void knownFields(String name, KnownField expected) {
        byte[] bytes = (" " + name + " ").getBytes(StandardCharsets.ISO_8859_1);
        assertEquals(expected, KnownField.of(bytes, 1, bytes.length - 1));
        if (expected != KnownField.OTHER) {
            assertTrue(expected.text().contentEqualsIgnoreCase(name));
        }
    }

    @ParameterizedTest
    @CsvSource({"0,0", "007,7", "9223372036854775807,9223372036854775807", "9223372036854775808,-1", "'',-1", "-1,-1",
        "1a,-1", "99999999999999999999,-1"})
    void decimals(String text, long expected) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        assertEquals(expected, Ascii.decimal(bytes, 0, bytes.length));
    }

    @Test
    void letters() {
        byte[] a = "xKeep-ALIVE".getBytes(StandardCharsets.ISO_8859_1);
        assertTrue(Ascii.contains(a, 0, a.length, "keep-alive".getBytes(StandardCharsets.ISO_8859_1)));
        assertFalse(Ascii.contains(a, 0, a.length - 1, "keep-alive".getBytes(StandardCharsets.ISO_8859_1)));
        assertEquals(10, Ascii.hex((byte) 'a'));
        assertEquals(15, Ascii.hex((byte) 'F'));
        assertEquals(-1, Ascii.hex((byte) 'g'));
        assertEquals(-1, Ascii.hex((byte) -1));
        assertEquals('[', Ascii.lower((byte) '['));
    }
}

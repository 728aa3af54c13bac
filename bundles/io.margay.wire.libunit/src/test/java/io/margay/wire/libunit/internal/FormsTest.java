// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.margay.lang.RequestView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormsTest {

    private static AsciiString ascii(String text) {
        return new AsciiString(text);
    }

    private record View(AsciiString target, AsciiString path, AsciiString query, List<String> fields,
                        long contentLength) implements RequestView {
        @Override
        public AsciiString method() {
            return ascii("PATCH");
        }

        @Override
        public AsciiString version() {
            return ascii("HTTP/1.1");
        }

        @Override
        public AsciiString remoteAddress() {
            return ascii("10.0.0.1");
        }

        @Override
        public AsciiString localAddress() {
            return ascii("::1");
        }

        @Override
        public AsciiString localPort() {
            return ascii("8080");
        }

        @Override
        public AsciiString serverName() {
            return ascii("example.org");
        }

        @Override
        public boolean tls() {
            return true;
        }

        @Override
        public int targetIndex() {
            return 253;
        }

        @Override
        public int fieldCount() {
            return fields.size() / 2;
        }

        @Override
        public AsciiString fieldName(int index) {
            return ascii(fields.get(2 * index));
        }

        @Override
        public AsciiString fieldValue(int index) {
            return ascii(fields.get(2 * index + 1));
        }
    }

    private static View view(String target, String path, String query, String... fields) {
        return new View(ascii(target), ascii(path), ascii(query), List.of(fields), 3);
    }

    private static MemorySegment written(View view) {
        int size = (int) RequestForm.size(view);
        // Not aligned to more than chunks are, and full of what was there before.
        MemorySegment to = Arena.ofAuto().allocate(size + 3L, 8).fill((byte) 0xa5);
        ByteBuf body = Unpooled.copiedBuffer("abc", StandardCharsets.US_ASCII);
        RequestForm.write(view, size, body, 3, to);
        assertEquals(3, body.readableBytes());
        return to;
    }

    private static int word(MemorySegment form, int at) {
        return form.get(ValueLayout.JAVA_INT, at);
    }

    private static String text(MemorySegment form, int link) {
        int at = link + word(form, link);
        StringBuilder text = new StringBuilder();
        while (form.get(ValueLayout.JAVA_BYTE, at) != 0) {
            text.append((char) form.get(ValueLayout.JAVA_BYTE, at++));
        }
        return text.toString();
    }

    @Test
    void aWholeRequest() {
        MemorySegment form = written(view("/a%20b?c=d", "/a b", "c=d", "Host", "h", "CONTENT-length", "3", "Cookie",
            "k=v", "X", "", "content-type", "t/t", "Authorization", "z"));
        assertEquals(5, form.get(ValueLayout.JAVA_BYTE, 0));
        assertEquals(8, form.get(ValueLayout.JAVA_BYTE, 1));
        assertEquals(8, form.get(ValueLayout.JAVA_BYTE, 2));
        assertEquals(3, form.get(ValueLayout.JAVA_BYTE, 3));
        assertEquals(4, form.get(ValueLayout.JAVA_BYTE, 4));
        assertEquals(1, form.get(ValueLayout.JAVA_BYTE, 5));
        assertEquals(0, form.get(ValueLayout.JAVA_BYTE, 6));
        assertEquals((byte) 253, form.get(ValueLayout.JAVA_BYTE, 7));
        assertEquals(List.of(11, 10, 4, 3, 6, 1, 4, 2, 5), List.of(word(form, 8), word(form, 12), word(form, 16),
            word(form, 20), word(form, 24), word(form, 28), word(form, 32), word(form, 36), word(form, 40)));
        assertEquals(3L, form.get(ValueLayout.JAVA_LONG, 48));
        assertEquals(List.of("PATCH", "HTTP/1.1", "10.0.0.1", "::1", "8080", "example.org", "/a%20b?c=d", "/a b",
            "c=d"), List.of(text(form, 56), text(form, 60), text(form, 64), text(form, 68), text(form, 72),
            text(form, 76), text(form, 80), text(form, 84), text(form, 88)));
        assertEquals(80 + word(form, 80) + 7, 88 + word(form, 88), "the query is the end of the target");
        int body = 92 + word(form, 92);
        assertEquals("abc", new String(form.asSlice(body, 3).toArray(ValueLayout.JAVA_BYTE),
            StandardCharsets.US_ASCII));
        assertEquals("Host h", text(form, 96 + 8) + " " + text(form, 96 + 12));
        assertEquals("Cookie k=v", text(form, 128 + 8) + " " + text(form, 128 + 12));
        assertEquals("", text(form, 144 + 12));
        assertEquals(6, form.get(ValueLayout.JAVA_BYTE, 128 + 3));
    }

    @Test
    void withoutFieldsAndQuery() {
        MemorySegment form = written(view("/", "/", ""));
        assertEquals(80 + word(form, 80), 84 + word(form, 84), "the path is the target");
        assertEquals(0, word(form, 88));
        assertEquals(-1, word(form, 28));
    }

    @Test
    void aQueryThatIsNotInTheTarget() {
        MemorySegment form = written(view("/a?b", "/rewritten", "c"));
        assertEquals("/rewritten", text(form, 84));
        assertEquals("c", text(form, 88));
    }

    @Test
    void whatTheFormHasNoRoomFor() {
        assertEquals(-1, RequestForm.size(view("/", "/", "", "n".repeat(256), "v")));
        assertEquals(RequestForm.size(view("/", "/", "", "n", "v")) + 254,
            RequestForm.size(view("/", "/", "", "n".repeat(255), "v")));
    }

    @ParameterizedTest
    @CsvSource({"Content-Length, 0x1EA0", "content-type, 0x5F7D", "COOKIE, 0x23F2"})
    void hashes(String name, String hash) {
        assertEquals(Integer.decode(hash), FieldHash.of(ascii(name)));
    }

    // ---- responses --------------------------------------------------------

    private static ByteBuf block(int status, String content, String... fields) {
        ByteBuf block = Unpooled.buffer();
        int count = fields.length / 2;
        block.writeLongLE(0).writeIntLE(count).writeIntLE(content.length()).writeShortLE(status).writeShortLE(0)
            .writeIntLE(0).writeZero(16 * count);
        for (int i = 0; i < count; i++) {
            int field = 24 + 16 * i;
            block.setByte(field + 3, fields[2 * i].length()).setIntLE(field + 4, fields[2 * i + 1].length());
            for (int part = 0; part < 2; part++) {
                block.setIntLE(field + 8 + 4 * part, block.writerIndex() - field - 8 - 4 * part);
                block.writeCharSequence(fields[2 * i + part], StandardCharsets.ISO_8859_1);
            }
        }
        block.setIntLE(20, block.writerIndex() - 20);
        block.writeCharSequence(content, StandardCharsets.ISO_8859_1);
        return block;
    }

    private static String lines(ByteBuf block, int limit) throws ResponseForm.Refused {
        ByteBuf lines = new ResponseForm(block).lines(limit);
        try {
            return lines.toString(StandardCharsets.ISO_8859_1);
        } finally {
            lines.release();
        }
    }

    @Test
    void aWholeResponse() throws Exception {
        ByteBuf block = block(404, "body", "A", "b", "Content-Type", "\u00e9", "Empty", "");
        assertEquals(404, new ResponseForm(block).status());
        assertEquals("A: b\r\nContent-Type: \u00e9\r\nEmpty: \r\n", lines(block, 1000));
        assertEquals("body", new ResponseForm(block).content().toString(StandardCharsets.US_ASCII));
        block.setByte(24 + 2, 1);
        assertEquals("Content-Type: \u00e9\r\nEmpty: \r\n", lines(block, 1000));
        assertEquals(0, new ResponseForm(block(200, "")).content().readableBytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a:", "a\n", "a\r", "a\u0000", "\u00e9", ""})
    void namesThatSplit(String name) {
        assertEquals(503, assertThrows(ResponseForm.Refused.class, () -> lines(block(200, "", name, "v"), 1000))
            .status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nb: c", "a\nb", "\u0000"})
    void valuesThatSplit(String value) {
        assertEquals(503, assertThrows(ResponseForm.Refused.class, () -> lines(block(200, "", "n", value), 1000))
            .status());
    }

    @Test
    void headsThatAreTooLong() throws Exception {
        assertEquals("n: 12345\r\n", lines(block(200, "", "n", "12345"), 10));
        ResponseForm.Refused refused = assertThrows(ResponseForm.Refused.class,
            () -> lines(block(200, "", "n", "12345"), 9));
        assertEquals(502, refused.status());
        assertEquals("a response head has more than 9 bytes (option \"limits.response_head\")", refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"8, 2", "8, 1000000", "8, -1", "8, -268435455"})
    void countsThatDoNotFit(int at, int value) {
        ByteBuf block = block(200, "", "n", "v").setIntLE(at, value);
        assertThrows(ResponseForm.Refused.class, () -> lines(block, 1000));
        assertThrows(ResponseForm.Refused.class, () -> new ResponseForm(Unpooled.buffer().writeZero(23)));
    }

    /** Each link and each length of what is linked, beyond the end and before the beginning. */
    @ParameterizedTest
    @CsvSource({"28, -1", "28, 100", "32, 14", "32, -33", "36, 10", "36, -37", "12, 5", "12, -1", "20, 100",
        "20, -21"})
    void linksThatPointElsewhere(int at, int value) {
        ByteBuf block = block(200, "body", "n", "v").setIntLE(at, value);
        assertThrows(Broken.class, () -> {
            ResponseForm form = new ResponseForm(block);
            form.content();
            form.lines(Integer.MAX_VALUE).release();
        });
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads of CGI at their limit, cut anywhere, with each byte; and how such bytes are shown in the log. */
class CgiHeadEdgesTest {
    private final List<String> warnings = new ArrayList<>();

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    private CgiHead head(int limit) {
        return new CgiHead(limit, warnings::add);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 20, 511, 512, 513, 1100})
    void theLimitIsThatOfTheWholeHeadHoweverItIsCut(int limit) {
        for (int size = limit - 1; size <= limit + 1; size++) {
            String text = "A: " + "x".repeat(size - 7) + "\r\n\r\n";
            assertEquals(size, text.length());
            CgiHead.Result wanted = size <= limit ? CgiHead.Result.DONE : CgiHead.Result.TOO_LARGE;
            assertEquals(wanted, head(limit).take(bytes(text + "body")), "whole, " + size);
            for (int cut = 1; cut < size; cut++) {
                CgiHead head = head(limit);
                ByteBuf rest = bytes(text.substring(cut) + "body");
                assertEquals(CgiHead.Result.MORE, head.take(bytes(text.substring(0, cut))));
                assertTrue(head.isBegun());
                assertEquals(wanted, head.take(rest), "cut at " + cut + " of " + size);
                if (wanted == CgiHead.Result.DONE) {
                    assertEquals("body", rest.toString(StandardCharsets.US_ASCII));
                }
                head.release();
            }
        }
    }

    static IntStream everyByte() {
        return IntStream.range(0, 256);
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void everyByteOfAValueIsHandedOn(int c) {
        if (c == '\n') {
            return;
        }
        CgiHead head = head(100);
        String line = "A: b" + (char) c + "c";
        assertEquals(CgiHead.Result.DONE, head.take(bytes(line + "\n\nx")));
        assertEquals(line + "\r\n", head.fields().toString(StandardCharsets.ISO_8859_1), "it is checked later");
        assertEquals(200, head.status());
    }

    @ParameterizedTest
    @CsvSource({"'Status: 200', 200", "'STATUS:404 x', 404", "'status:   503', 503", "'Status: 100', 100",
        "'Status: 999 ', 999", "'Status: 000', 0", "'Status: 20', 0", "'Status: 2000', 0", "'Status: -20', 0",
        "'Status: 200;', 0", "'Status: abc', 0", "'Status: ', 0", "'Status:', 0", "'Status: 2 0', 0",
        "'Status: 99999999999999999999', 0"})
    void statuses(String line, int status) {
        CgiHead head = head(100);
        assertEquals(status == 0 ? CgiHead.Result.NO_STATUS : CgiHead.Result.DONE, head.take(bytes(line + "\n\n")));
        if (status > 0) {
            assertEquals(status, head.status());
            assertFalse(head.fields().isReadable(), "it is no field of the response");
        }
    }

    @Test
    void memoryIsGivenBackOnEachWay() {
        CgiHead head = head(100);
        head.release();
        assertFalse(head.isBegun());
        head.take(bytes("A: b"));
        assertTrue(head.isBegun());
        head.release();
        assertFalse(head.isBegun());
        assertEquals(CgiHead.Result.DONE, head.take(bytes("C: d\n\n")), "as new");
        ByteBuf fields = head.fields();
        assertEquals("C: d\r\n", fields.toString(StandardCharsets.US_ASCII));
        head.release();
        assertEquals(0, fields.refCnt());
        head.release();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        abc        | 3 | abc
        abcd       | 3 | abc...
        ''         | 3 | ''
        a          | 0 | ...
        a\u0001b   | 9 | a b
        a\u007fb   | 9 | a b
        """)
    void oneLineForTheLog(String text, int most, String wanted) {
        ByteBuf in = bytes(text);
        assertEquals(wanted, PlainLine.of(in, most));
        assertEquals(text.length(), in.readableBytes(), "nothing was read");
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void noByteEndsThatLine(int c) {
        String shown = PlainLine.of(bytes("a" + (char) c + "b"), 10);
        assertTrue(shown.startsWith("a") && shown.endsWith("b"));
        assertTrue(shown.chars().noneMatch(Character::isISOControl), "a client could write lines of its own");
    }
}

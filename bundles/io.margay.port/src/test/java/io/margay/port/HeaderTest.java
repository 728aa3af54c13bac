// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HeaderTest {

    /** The bytes as C writes the struct on x86-64. */
    static Stream<Arguments> forms() {
        return Stream.of(
            Arguments.of(new Header(0, 0, 0, 0, false, false, false, false), "00000000000000000000000000000000"),
            Arguments.of(new Header(1, 2, 3, 4, true, false, false, false), "01000000020000000300040100000000"),
            Arguments.of(new Header(0x01020304, -1, 0xFFFF, 33, false, true, false, false),
                "04030201ffffffffffff210001000000"),
            Arguments.of(new Header(-1, Integer.MAX_VALUE, 0x1234, 255, false, false, true, true),
                "ffffffffffffff7f3412ff0000010100"));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void bytesAreThoseOfTheStruct(Header header, String hex) {
        ByteBuffer out = ByteBuffer.allocate(Header.SIZE);
        header.encode(out);
        assertEquals(0, out.remaining());
        assertEquals(hex, HexFormat.of().formatHex(out.array()));
        assertEquals(header, Header.decode(ByteBuffer.wrap(HexFormat.of().parseHex(hex))));
    }

    @Test
    void byteOrderOfTheBufferIsLeftAlone() {
        ByteBuffer out = ByteBuffer.allocate(Header.SIZE).order(ByteOrder.BIG_ENDIAN);
        Header.last(MessageType.QUIT, 7, 8).encode(out);
        assertEquals(ByteOrder.BIG_ENDIAN, out.order());
        out.flip();
        assertEquals(Header.last(MessageType.QUIT, 7, 8), Header.decode(out));
        assertEquals(ByteOrder.BIG_ENDIAN, out.order());
    }

    @Test
    void everyFlagByteOtherThanZeroIsTrue() {
        byte[] bytes = new byte[Header.SIZE];
        bytes[11] = (byte) 0x80;
        bytes[14] = 2;
        bytes[15] = (byte) 0xFF;
        Header header = Header.decode(ByteBuffer.wrap(bytes));
        assertEquals(new Header(0, 0, 0, 0, true, false, false, true), header);
        assertEquals(true, header.fragment());
    }

    @Test
    void wrongInputIsRefused() {
        assertThrows(BufferUnderflowException.class, () -> Header.decode(ByteBuffer.allocate(15)));
        assertThrows(IllegalArgumentException.class, () -> new Header(0, 0, 65536, 0, true, false, false, false));
        assertThrows(IllegalArgumentException.class, () -> new Header(0, 0, 0, 256, true, false, false, false));
    }

    @Test
    void shortFormsSetLast() {
        assertEquals(true, Header.last(1, 2, 3).last());
        assertEquals(false, Header.more(1, 2, 3).last());
        assertEquals(9, Header.more(1, 2, 3).replyTo(9).replyPort());
        assertArrayEquals(new int[] {1, 2, 3}, new int[] {
            Header.last(1, 2, 3).type(), Header.last(1, 2, 3).stream(), Header.last(1, 2, 3).pid()});
    }
}

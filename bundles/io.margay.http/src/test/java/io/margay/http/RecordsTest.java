// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records of FastCGI 1.0 as they are written, and each byte of the header of one that is read. */
class RecordsTest {
    private int output;
    private int errors;
    private final RecordReader.Sink sink = new RecordReader.Sink() {
        @Override
        public void output(ByteBuf bytes) {
            output += bytes.readableBytes();
        }

        @Override
        public void errors(ByteBuf bytes) {
            errors += bytes.readableBytes();
        }
    };

    private static ByteBuf record(int type, int request, int content, int padding) {
        return Unpooled.buffer().writeByte(1).writeByte(type).writeShort(request).writeShort(content)
            .writeByte(padding).writeByte(0).writeZero(content + padding);
    }

    // ---- written ------------------------------------------------------

    @Test
    void aRequestBeginsAsAResponderThatKeepsItsConnection() {
        ByteBuf out = Unpooled.buffer();
        Records.begin(out);
        assertEquals("01010001000800000001010000000000", ByteBufUtil.hexDump(out));
    }

    @ParameterizedTest
    @CsvSource({"5, 0, 0105000100000000", "5, 1, 0105000100010000", "4, 255, 0104000100ff0000",
        "4, 256, 0104000101000000", "5, 65535, 01050001ffff0000"})
    void headers(int type, int length, String hex) {
        ByteBuf out = Unpooled.buffer();
        Records.header(out, type, length);
        assertEquals(hex, ByteBufUtil.hexDump(out));
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0000", "1, 127, 017f", "127, 128, 7f80000080", "128, 0, 8000008000",
        "65536, 127, 800100007f", "2147483647, 1, ffffffff01"})
    void lengthsOfPairsTakeOneByteOrFour(int name, int value, String hex) {
        ByteBuf out = Unpooled.buffer();
        Records.pair(out, name, value);
        assertEquals(hex, ByteBufUtil.hexDump(out));
    }

    @Test
    void aPairIsItsLengthsAndItsTexts() {
        ByteBuf out = Unpooled.buffer();
        Records.pair(out, "AB", "c");
        Records.pair(out, "D", "");
        assertEquals("0201414263" + "010044", ByteBufUtil.hexDump(out));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_534, 65_535, 65_536, 131_070, 131_071, 200_000})
    void variablesTakeAsManyRecordsAsTheyNeed(int size) {
        ByteBuf pairs = Unpooled.buffer().writeZero(size);
        ByteBuf out = Unpooled.buffer();
        Records.params(out, pairs);
        assertFalse(pairs.isReadable());
        int left = size;
        while (left > 0) {
            int length = Math.min(65_535, left);
            assertEquals(0x01040001, out.readInt());
            assertEquals(length, out.readUnsignedShort());
            assertEquals(0, out.readUnsignedShort());
            out.skipBytes(length);
            left -= length;
        }
        assertEquals("0104000100000000", ByteBufUtil.hexDump(out), "an empty one is the end");
    }

    // ---- read ---------------------------------------------------------

    static IntStream everyByte() {
        return IntStream.range(0, 256);
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void everyTypeThatAnApplicationMaySend(int type) throws RecordException {
        boolean ofRequest = type == Records.STDOUT || type == Records.STDERR || type == Records.END_REQUEST;
        boolean ofConnection = type == Records.UNKNOWN_TYPE || type == Records.GET_VALUES_RESULT;
        for (int request = 0; request < 2; request++) {
            ByteBuf in = record(type, request, 8, 0);
            RecordReader reader = new RecordReader();
            if (ofRequest && request == 1 || ofConnection && request == 0) {
                assertEquals(type == Records.END_REQUEST, reader.read(in, sink));
                assertTrue(reader.isAtRest() || type == Records.END_REQUEST);
            } else {
                assertThrows(RecordException.class, () -> reader.read(in, sink));
            }
        }
        assertEquals(type == Records.STDOUT ? 8 : 0, output);
        assertEquals(type == Records.STDERR ? 8 : 0, errors);
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void theVersionAndTheStatus(int c) throws RecordException {
        ByteBuf version = record(Records.STDOUT, 1, 0, 0).setByte(0, c);
        if (c == 1) {
            assertFalse(new RecordReader().read(version, sink));
        } else {
            assertEquals("a record of version " + c, assertThrows(RecordException.class,
                () -> new RecordReader().read(version, sink)).getMessage());
        }
        RecordReader reader = new RecordReader();
        assertTrue(reader.read(record(Records.END_REQUEST, 1, 8, 0).setByte(12, c), sink));
        assertEquals(c, reader.protocolStatus());
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 1", "0, 255", "1, 0", "1, 7", "255, 255", "65535, 0", "65535, 255"})
    void contentsAndPaddingOfAnySize(int content, int padding) throws RecordException {
        RecordReader reader = new RecordReader();
        ByteBuf in = Unpooled.wrappedBuffer(record(Records.STDOUT, 1, content, padding),
            record(Records.STDERR, 1, content, padding), record(Records.END_REQUEST, 1, 8, padding));
        assertTrue(reader.read(in, sink));
        assertEquals(content, output);
        assertEquals(content, errors);
        assertEquals(0, in.readableBytes(), "padding belongs to its record");
        assertTrue(reader.isAtRest(), "the next request may begin");
    }

    @Test
    void whatCameBeforeAFaultWasTaken() {
        RecordReader reader = new RecordReader();
        ByteBuf in = Unpooled.wrappedBuffer(record(Records.STDOUT, 1, 5, 3), record(Records.STDIN, 1, 5, 0));
        assertThrows(RecordException.class, () -> reader.read(in, sink));
        assertEquals(5, output);
    }

    @Test
    void aRecordIsNotAtRestUntilItsPaddingHasCome() throws RecordException {
        ByteBuf all = record(Records.STDOUT, 1, 2, 2);
        RecordReader reader = new RecordReader();
        assertTrue(reader.isAtRest());
        while (all.isReadable()) {
            assertFalse(reader.read(all.readSlice(1), sink));
            assertEquals(!all.isReadable(), reader.isAtRest(), all.readableBytes() + " are missing");
        }
    }

    @Test
    void aSinkThatRefusesEndsIt() {
        RecordReader.Sink refusing = new RecordReader.Sink() {
            @Override
            public void output(ByteBuf bytes) throws RecordException {
                throw new RecordException("too much");
            }

            @Override
            public void errors(ByteBuf bytes) {
                throw new AssertionError("there are none");
            }
        };
        assertEquals("too much", assertThrows(RecordException.class,
            () -> new RecordReader().read(record(Records.STDOUT, 1, 1, 0), refusing)).getMessage());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordReaderTest {

    private final StringBuilder seen = new StringBuilder();
    private final RecordReader.Sink sink = new RecordReader.Sink() {
        @Override
        public void output(ByteBuf bytes) {
            seen.append(bytes.toString(StandardCharsets.US_ASCII));
        }

        @Override
        public void errors(ByteBuf bytes) {
            seen.append('<').append(bytes.toString(StandardCharsets.US_ASCII)).append('>');
        }
    };

    private static ByteBuf hex(String text) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(text.replace(" ", "")));
    }

    @Test
    void readsRecordsInPiecesOfAnySize() throws RecordException {
        String text = "0106000100030500" + "616263" + "0000000000" // three bytes and padding
            + "0106000100000000" // nothing
            + "010b000000080000" + "6300000000000000" // a type that it does not know
            + "0106000100010000" + "64"
            + "0103000100080200" + "00000007 03 000000" + "0000";
        byte[] all = new byte[hex(text).readableBytes()];
        hex(text).readBytes(all);
        for (int size = 1; size <= all.length; size++) {
            seen.setLength(0);
            RecordReader reader = new RecordReader();
            for (int at = 0; at < all.length; at += size) {
                int length = Math.min(size, all.length - at);
                boolean ended = reader.read(Unpooled.wrappedBuffer(all, at, length), sink);
                assertEquals(at + length == all.length, ended, "pieces of " + size);
            }
            assertEquals("abcd", seen.toString());
            assertEquals(3, reader.protocolStatus());
        }
    }

    @Test
    void errorsAreToldApartAndWhatFollowsTheEndStays() throws RecordException {
        ByteBuf in = hex("0107000100010000 65" + "0103000100080000 0000000000000000" + "ff");
        RecordReader reader = new RecordReader();
        assertTrue(reader.read(in, sink));
        assertEquals("<e>", seen.toString());
        assertEquals(1, in.readableBytes());
        assertFalse(reader.read(hex("0106000100010000"), sink), "the next request");
    }

    @ParameterizedTest
    @CsvSource({"0206000100010000, a record of version 2",
        "0006000100010000, a record of version 0",
        "0106000200010000, 'a record of request 2, which it does not have'",
        "0106000000010000, 'a record of request 0, which it does not have'",
        "0103000100090000, an end of the request with 9 bytes",
        "0103000100000000, an end of the request with 0 bytes",
        "0105000100010000, a record of the unexpected type 5",
        "01ff000100010000, a record of the unexpected type 255",
        "010b000100010000, a record of type 11 for a request"})
    void refusesWhatIsNoRecord(String bytes, String expected) {
        assertEquals(expected, assertThrows(RecordException.class, () -> new RecordReader().read(hex(bytes), sink))
            .getMessage());
    }
}

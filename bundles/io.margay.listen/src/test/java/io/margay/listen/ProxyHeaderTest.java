// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Headers of the PROXY protocol, whole, in parts and wrong. */
class ProxyHeaderTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    private static String read(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            ByteBuf part = Unpooled.wrappedBuffer(bytes, 0, i);
            assertEquals(Optional.empty(), ProxyHeader.read(part), "after " + i + " bytes");
        }
        byte[] more = new byte[bytes.length + 3];
        System.arraycopy(bytes, 0, more, 0, bytes.length);
        ProxyHeader header = ProxyHeader.read(Unpooled.wrappedBuffer(more)).orElseThrow();
        assertEquals(bytes.length, header.size());
        return header.ends().map(ends -> ends.remote().text() + " " + ends.remote().port() + " "
            + ends.local().text() + " " + ends.local().port()).orElse("unknown");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443 | 192.0.2.1 56324 198.51.100.2 443",
        "PROXY TCP4 255.255.255.255 0.0.0.0 65535 0 | 255.255.255.255 65535 0.0.0.0 0",
        "PROXY TCP6 2001:db8::1 ::1 1 2 | 2001:db8::1 1 ::1 2",
        "PROXY TCP6 ::ffff:1.2.3.4 ::2 1 2 | ::ffff:1.2.3.4 1 ::2 2",
        "PROXY UNKNOWN | unknown", "PROXY UNKNOWN ffff::1 whatever 1 2 3 | unknown"})
    void lines(String line, String expected) {
        assertEquals(expected, read((line + "\r\n").getBytes(StandardCharsets.US_ASCII)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "2111000c c0000201 c6336402 dc04 01bb | 192.0.2.1 56324 198.51.100.2 443",
        "21110010 c0000201 c6336402 dc04 01bb 03000101 | 192.0.2.1 56324 198.51.100.2 443",
        "21210024 20010db8000000000000000000000001 00000000000000000000000000000001 0001 0002 | 2001:db8::1 1 ::1 2",
        "20000000 | unknown", "2011000c c0000201 c6336402 dc04 01bb | unknown", "21000000 | unknown"})
    void binary(String hex, String expected) {
        assertEquals(expected, read(HexFormat.of().parseHex(SIGNATURE + hex.replace(" ", ""))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "GET / HTTP/1.1", "PROXX", "proxy TCP4", "PROXY TCP4 1.2.3.4 1.2.3.4 1\\r\\n", "PROXY\\r\\n", "PROXY \\r\\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\\r\\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\\n",
        "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\\r\\n",
        "PROXY TCP4 1.2.3 1.2.3.4 1 2\\r\\n", "PROXY TCP4 1.2.3.256 1.2.3.4 1 2\\r\\n",
        "PROXY TCP4 localhost 1.2.3.4 1 2\\r\\n", "PROXY TCP4 ::1 ::1 1 2\\r\\n", "PROXY TCP6 1.2.3.4 ::1 1 2\\r\\n",
        "PROXY TCP6 :::1 ::1 1 2\\r\\n", "PROXY TCP6 abc:def ::1 1 2\\r\\n", "PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\\r\\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\\r\\n", "PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\\r\\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4  2\\r\\n", "PROXY TCP4 010.0.0.1 1.2.3.4 1 2\\r\\n",
        "PROXY TCP4 1.2.3.4 1.2.3.00 1 2\\r\\n"})
    void wrongLines(String line) {
        ByteBuf in = Unpooled.copiedBuffer(line.translateEscapes(), StandardCharsets.ISO_8859_1);
        assertThrows(ProxyHeader.MalformedException.class, () -> ProxyHeader.read(in));
    }

    @ParameterizedTest
    @CsvSource({"11110000", "22110000", "2112000c000000000000000000000000", "21110000",
        "2111000b0000000000000000000000", "21310000", "2111ffff", "21ff0000"})
    void wrongBinary(String hex) {
        ByteBuf in = Unpooled.wrappedBuffer(HexFormat.of().parseHex(SIGNATURE + hex));
        assertThrows(ProxyHeader.MalformedException.class, () -> ProxyHeader.read(in));
    }

    @ParameterizedTest
    @CsvSource({"106,false", "107,true"})
    void linesHaveABound(int size, boolean refused) {
        ByteBuf in = Unpooled.copiedBuffer("PROXY UNKNOWN " + "x".repeat(size - 14), StandardCharsets.US_ASCII);
        if (refused) {
            assertThrows(ProxyHeader.MalformedException.class, () -> ProxyHeader.read(in));
        } else {
            assertEquals(Optional.empty(), ProxyHeader.read(in));
        }
    }
}

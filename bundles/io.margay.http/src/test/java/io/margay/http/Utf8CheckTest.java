// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The same bytes are UTF-8 to the check and to the JDK. */
class Utf8CheckTest {
    private final Utf8Check check = new Utf8Check();

    private boolean check(byte... bytes) {
        check.reset();
        for (byte b : bytes) {
            if (!check.take(b & 0xff)) {
                return false;
            }
        }
        return check.isComplete();
    }

    private static boolean jdk(byte... bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Test
    void allOfTwoBytes() {
        for (int i = 0; i < 1 << 16; i++) {
            byte[] bytes = {(byte) (i >> 8), (byte) i};
            assertEquals(jdk(bytes), check(bytes), () -> HexFormat.of().formatHex(bytes));
        }
    }

    @Test
    void edgesOfLongerOnes() {
        int[] edges = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
        for (int first = 0xc0; first < 256; first++) {
            for (int second : edges) {
                for (int third : edges) {
                    byte[] three = {(byte) first, (byte) second, (byte) third};
                    assertEquals(jdk(three), check(three), () -> HexFormat.of().formatHex(three));
                    for (int fourth : edges) {
                        byte[] four = {(byte) first, (byte) second, (byte) third, (byte) fourth};
                        assertEquals(jdk(four), check(four), () -> HexFormat.of().formatHex(four));
                    }
                }
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PercentTest {

    @ParameterizedTest
    @CsvSource(value = {"a,a,a", "a+b,a+b,a b", "%41%62,Ab,Ab", "%C3%a9,\u00e9,\u00e9", "%2B+x,++x,+ x",
        "%,,", "%4,,", "a%4,,", "%zz,,", "%4z,,", "%%41,,", "%25,%,%"}, nullValues = "")
    void text(String text, String decoded, String withBlanks) {
        assertEquals(Optional.ofNullable(decoded), Percent.decode(text, false));
        assertEquals(Optional.ofNullable(withBlanks), Percent.decode(text, true));
    }

    @ParameterizedTest
    @CsvSource({"%,%", "%4,%4", "%zz%41,%zzA", "%%41,%A", "%4%41,%4A", "a%,a%", "%25%,%%"})
    void lenient(String text, String decoded) {
        byte[] bytes = ("<" + text + ">").getBytes(StandardCharsets.US_ASCII);
        int end = Percent.decode(bytes, 1, bytes.length - 1, false, true);
        assertEquals(decoded, new String(bytes, 1, end - 1, StandardCharsets.US_ASCII));
    }

    @Test
    void digits() {
        for (int c = -128; c < 128; c++) {
            assertEquals(c < 0 ? -1 : Character.digit(c, 16), Percent.hex((byte) c));
        }
    }

    @Test
    void aSequenceEndsBeforeTheEnd() {
        byte[] text = "%41".getBytes(StandardCharsets.US_ASCII);
        assertEquals('A', Percent.at(text, 0, 3));
        assertEquals(-1, Percent.at(text, 0, 2));
    }
}

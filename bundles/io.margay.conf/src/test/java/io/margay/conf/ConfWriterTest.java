// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfWriterTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{}|{}~", "[]|[]~", "\"x\"|\"x\"~", "[{},[]]|[~>{},~>[]~]~",
        "{\"a\":{},\"b\":[],\"c\":1}|{~>\"a\": {},~>\"b\": [],~>\"c\": 1~}~",
        "{\"a\":{\"x\":1},\"b\":2}|{~>\"a\": {~>>\"x\": 1~>},~~>\"b\": 2~}~",
        "{\"a\":[1],\"b\":[2]}|{~>\"a\": [~>>1~>],~~>\"b\": [~>>2~>]~}~",
        "[[1],[2]]|[~>[~>>1~>],~>[~>>2~>]~]~"})
    void prettyForm(String text, String expected) throws ConfSyntaxException {
        String written = new String(ConfWriter.pretty(ConfParserTest.parse(text)), StandardCharsets.UTF_8);
        assertEquals(expected, written.replace("\r\n", "~").replace('\t', '>'));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"a|\"a\"", "``|\"\"", "a\"b\\|\"a\\\"b\\\\\"",
        "\u00e9\u0007x|\"\u00e9\\u0007x\"", "\udc80|\"\udc80\""})
    void quotedText(String text, String expected) {
        assertEquals(expected, ConfWriter.quoted(text));
    }
}

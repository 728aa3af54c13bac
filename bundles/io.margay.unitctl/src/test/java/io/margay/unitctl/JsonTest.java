// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfText;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    private static Conf read(String text) {
        return Json.read(text.getBytes(StandardCharsets.UTF_8)).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "null", "true", "false", "\"\"", "\"a\\\"\\\\\\n<&'=>\u00e9\ud83d\ude00\"", "0",
        "-0", "1.0", "1e3", "1E+3", "-12.50", "9223372036854775807", "123456789012345678901234567890.5",
        "{\"b\":1.0,\"a\":[{},[null,\"x\"]],\"\":{\"c\":true}}"})
    void textsStayAsTheyAre(String text) {
        assertEquals(text, Json.compact(read(text)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "{", "[1,]", "{\"a\":1,\"a\":2}", "{a:1}", "'a'", "NaN", "01", "1 2", "[1;2]",
        "\"\\x\"", "# a\n1"})
    void whatIsNoJsonIsNothing(String text) {
        assertTrue(Json.read(text.getBytes(StandardCharsets.UTF_8)).isEmpty());
    }

    @Test
    void depthIsBounded() {
        assertEquals("[".repeat(100) + "]".repeat(100), Json.compact(read("[".repeat(100) + "]".repeat(100))));
        assertTrue(Json.read("[".repeat(100_000).getBytes(StandardCharsets.UTF_8)).isEmpty());
    }

    @Test
    void bytesThatAreNotUtf8AreKept() {
        byte[] text = {'"', (byte) 0xff, 'a', '"'};
        assertEquals(ConfText.decode(text), Json.compact(Json.read(text).orElseThrow()));
    }

    @Test
    void coloursTellNamesFromTexts() {
        String name = "\033[34m";
        String text = "\033[32m";
        String other = "\033[33m";
        String end = "\033[0m";
        assertEquals("{\n  " + name + "\"a\\\": {\"" + end + ": [\n    " + text + "\"x: [?\"" + end + ",\n    " + other
            + "-1.0" + end + ",\n    " + other + "null" + end + "\n  ],\n  " + name + "\"b\"" + end + ": {}\n}",
            JsonPrinter.print(read("{\"a\\\": {\":[\"x: [\u009b\",-1.0,null],\"b\":{}}"), true));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void readsValuesAndSkipsComments() {
        String text = """
            // first
            {
              "a": [1, -2.5e1, true, false, "x // y", "\\u00e9\\n\\"\\\\\\/"], // second
              "b": {}, "c": [ ]
            } // last""";
        List<Object> values = List.of(1.0, -25.0, true, false, "x // y", "\u00e9\n\"\\/");
        assertEquals(Map.of("a", values, "b", Map.of(), "c", List.of()), Json.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"a\"}", "{\"a\":1,}", "[1 2]", "[1,]", "\"a", "\"\\x\"", "\"\\u12g4\"",
        "tru", "1 1", "{\"a\":1,\"a\":2}", "\"a\nb\"", "--1", "null", "/ comment"})
    void refusesWhatIsNone(String text) {
        assertThrows(IllegalArgumentException.class, () -> Json.parse(text));
    }

    @Test
    void depthIsBounded() {
        String text = "[".repeat(100_000);
        String message = assertThrows(IllegalArgumentException.class, () -> Json.parse(text)).getMessage();
        assertTrue(message.contains("too deep"), message);
    }

    @Test
    void errorsNameTheLine() {
        String message = assertThrows(IllegalArgumentException.class, () -> Json.parse("{\n\n\"a\" 1}")).getMessage();
        assertEquals("line 3: \":\" expected", message);
    }
}

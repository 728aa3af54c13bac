// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfParser;
import io.margay.conf.ConfWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class YamlTest {
    private static String json(String yaml) throws ToolException {
        return ConfWriter.compactText(YamlReader.read(yaml));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "a: 1             | {\"a\":1}",
        "b: 1Na: 2        | {\"b\":1,\"a\":2}",
        "1.50             | 1.50",
        "1e3              | 1e3",
        "+7               | 7",
        "007              | 7",
        "-.5              | -0.5",
        "3.               | 3",
        "0x1F             | 31",
        "0o17             | 15",
        "123456789012345678901234567890 | 123456789012345678901234567890",
        "true             | true",
        "yes              | \"yes\"",
        "~                | null",
        "\"1\"            | \"1\"",
        "80: x            | {\"80\":\"x\"}",
        "- aN- [b, {c: d}]| [\"a\",[\"b\",{\"c\":\"d\"}]]",
        "x: &v [1]Ny: *v  | {\"x\":[1],\"y\":[1]}",
        "{\"a\": [1, null]} | {\"a\":[1,null]}",
        "2026-01-01       | \"2026-01-01\""
    })
    void yamlIsReadAsJson(String yaml, String json) throws ToolException {
        assertEquals(json, json(yaml.replace("N", "\n")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a: b: c", "a: 1\na: 2", "--- 1\n--- 2", "!!binary aGk=", "!x y", "a: .inf", ".nan",
        "? [a]\n: b", "&a [*a]", "*nobody", "\t- x"})
    void whatIsNoJsonIsRefused(String yaml) {
        ToolException failure = assertThrows(ToolException.class, () -> YamlReader.read(yaml));
        assertEquals(ToolException.USAGE, failure.code());
        assertTrue(failure.getMessage().startsWith("the YAML is "), failure.getMessage());
    }

    @Test
    void aliasesCannotExplode() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
        for (int i = 1; i < 40; i++) {
            bomb.append("a").append(i).append(": &a").append(i).append(" [*a").append(i - 1).append(", *a")
                .append(i - 1).append("]\n");
        }
        String message = assertThrows(ToolException.class, () -> YamlReader.read(bomb.toString())).getMessage();
        assertTrue(message.contains("aliases"), message);
    }

    @Test
    void depthAndDigitsAreBounded() {
        assertThrows(ToolException.class, () -> YamlReader.read("[".repeat(200) + "]".repeat(200)));
        assertThrows(ToolException.class, () -> YamlReader.read("1".repeat(1000)));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{\"b\":1.0,\"a\":[1e3,-0,1234567890123456789]}",
        "[\"true\",\"null\",\"~\",\"\",\" x \",\"a: b\",\"# no\",\"- x\",\"0x1F\",\"1e3\",\"\\u0007\",\"\u00e9\"]",
        "{\"\":{},\"x\":[],\"*:80\":{\"pass\":\"routes/a\"},\"s\":\"line 1\\nline 2\\n\",\"t\":\"  x\\n\\n\"}",
        "{\"deep\":[[[{\"a\":null,\"b\":true}]]],\"quote\":\"it's \\\"so\\\"\",\"back\":\"\\\\\"}",
        "\"\\ud83d\\ude00\"", "null", "0"
    })
    void everyJsonComesBack(String json) throws Exception {
        var value = ConfParser.parse(json.getBytes(StandardCharsets.UTF_8));
        assertEquals(ConfWriter.compactText(value), json(YamlWriter.write(value)));
    }

    @Test
    void yamlIsReadable() throws Exception {
        var value = ConfParser.parse("{\"listeners\":{\"*:80\":{\"pass\":\"routes\"}},\"routes\":[{\"a\":1}]}"
            .getBytes(StandardCharsets.UTF_8));
        assertEquals("listeners:\n  '*:80':\n    pass: routes\nroutes:\n- a: 1\n", YamlWriter.write(value));
    }
}

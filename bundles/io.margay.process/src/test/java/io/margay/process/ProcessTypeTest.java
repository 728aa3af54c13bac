// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessTypeTest {

    private static final ProcessKinds KINDS = Kinds.stock();

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', value = {
        "0,main,false,main,unit: main", "1,discovery,false,,unit: discovery",
        "2,controller,true,controller,unit: controller", "3,router,true,router,unit: router",
        "4,prototype,false,,unit: \"blog\" prototype", "5,app,false,,unit: \"blog\" application"})
    void rowOfTheTable(int number, String word, boolean restartable, String feature, String title) {
        ProcessType type = KINDS.get(word);
        assertEquals(number, type.number());
        assertEquals(Optional.of(type), KINDS.find(number));
        assertEquals(restartable, type.restartable());
        assertEquals(Optional.ofNullable(feature), type.feature());
        assertEquals(title, type.title("blog"));
        assertEquals(title.contains("blog"), type.ofApplication());
    }

    @Test
    void titleOfMainHasTheCommandLine() {
        assertEquals("unit: main v1.35.0 [unitd --no-daemon]",
            ProcessType.mainTitle("1.35.0", List.of("unitd", "--no-daemon")));
        assertEquals("unit: main v1.35.0", ProcessType.mainTitle("1.35.0", List.of()));
    }

    @Test
    void longTitlesAreCutBetweenCharacters() {
        ProcessType app = KINDS.get("app");
        assertEquals("unit: \"" + "x".repeat(2040), app.title("x".repeat(3000)));
        String title = app.title("😀".repeat(3000));
        int bytes = title.getBytes(StandardCharsets.UTF_8).length;
        assertTrue(bytes <= ProcessType.MAX_TITLE && bytes > ProcessType.MAX_TITLE - 4, "bytes: " + bytes);
        assertTrue(title.endsWith("😀"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '^', value = {
        "{!malformed: ", "[]!a kind of process is an object", "{\"number\": 7}!it has no name",
        "{\"name\": \"a b\", \"number\": 7}!\"a b\" is no name",
        "{\"name\": \"x\"}!the number of \"x\" must be 0 to 255",
        "{\"name\": \"x\", \"number\": 256}!the number of \"x\" must be 0 to 255",
        "{\"name\": \"x\", \"number\": 7, \"sned\": {}}!a kind of process has no \"sned\"",
        "{\"name\": \"x\", \"number\": 7, \"ports\": [1]}!a list of names holds something else"})
    void otherFormsAreRefused(String json, String reason) {
        String text = assertThrows(IllegalArgumentException.class, () ->
            ProcessType.parse(json.getBytes(StandardCharsets.UTF_8))).getMessage();
        assertTrue(text.startsWith(reason), text);
    }
}

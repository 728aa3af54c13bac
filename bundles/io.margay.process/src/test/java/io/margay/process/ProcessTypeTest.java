// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessTypeTest {

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', value = {
        "MAIN,0,main,false,unit: main", "DISCOVERY,1,discovery,false,unit: discovery",
        "CONTROLLER,2,controller,true,unit: controller", "ROUTER,3,router,true,unit: router",
        "PROTOTYPE,4,prototype,false,unit: \"blog\" prototype", "APP,5,app,false,unit: \"blog\" application"})
    void rowOfTheTable(ProcessType type, int number, String word, boolean restartable, String title) {
        assertEquals(number, type.number());
        assertEquals(Optional.of(type), ProcessType.of(number));
        assertEquals(word, type.word());
        assertEquals(restartable, type.restartable());
        assertEquals(title, type.title("blog"));
    }

    @Test
    void otherNumbersAreNoType() {
        assertEquals(Optional.empty(), ProcessType.of(-1));
        assertEquals(Optional.empty(), ProcessType.of(6));
    }

    @Test
    void titleOfMainHasTheCommandLine() {
        assertEquals("unit: main v1.35.0 [unitd --no-daemon]",
            ProcessType.mainTitle("1.35.0", List.of("unitd", "--no-daemon")));
        assertEquals("unit: main v1.35.0", ProcessType.mainTitle("1.35.0", List.of()));
    }

    @Test
    void longTitlesAreCutBetweenCharacters() {
        assertEquals("unit: \"" + "x".repeat(2040), ProcessType.APP.title("x".repeat(3000)));
        String title = ProcessType.APP.title("😀".repeat(3000));
        int bytes = title.getBytes(StandardCharsets.UTF_8).length;
        assertTrue(bytes <= ProcessType.MAX_TITLE && bytes > ProcessType.MAX_TITLE - 4, "bytes: " + bytes);
        assertTrue(title.endsWith("😀"));
    }
}

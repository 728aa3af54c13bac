// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PageTextsTest {
    private static final Set<String> WORDS = Set.of("login", "page", "common", "overview", "processes",
        "applications", "modules", "routes", "configuration", "certificates", "events");

    @Test
    void germanHasATextForEveryEnglishOne() {
        var english = PageTexts.of(Locale.ENGLISH).all(WORDS).members();
        var german = PageTexts.of(Locale.GERMAN).all(WORDS).members();
        assertEquals(english.keySet(), german.keySet());
        long same = english.entrySet().stream().filter(entry -> german.get(entry.getKey()).equals(entry.getValue()))
            .count();
        assertFalse(same > english.size() / 4, same + " texts are the same in both languages");
    }

    @Test
    void valuesAreFilledInAndOtherLanguagesAreEnglish() {
        assertEquals("Zeile 1, Spalte 2: x", PageTexts.of(Locale.GERMANY).get("configuration.position", 1, 2, "x"));
        assertEquals("Overview", PageTexts.of(Locale.FRENCH).get("overview.title"));
        assertEquals("en", PageTexts.of(Locale.ENGLISH).language());
    }
}

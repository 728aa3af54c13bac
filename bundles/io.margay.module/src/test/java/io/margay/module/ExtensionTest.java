// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.Version;

class ExtensionTest {

    @ParameterizedTest
    @CsvSource({"1, true", "1.0, true", "1.0.9, true", "1.1, false", "2.0, false", "0.9, false"})
    void onlyWhatTheServerOffersFits(String api, boolean fits) {
        assertEquals(fits, ExtensionKind.of("action").orElseThrow().offers(Version.parseVersion(api)));
    }

    @Test
    void theAttributesAreRead() {
        Map<String, Object> attributes = new HashMap<>(Map.of("kind", "action", "name", "share", "api",
            new Version(1, 0, 0)));
        assertEquals("action:share", Extension.of(attributes).reader());
        attributes.put("api", "1.0");
        assertEquals(new Version(1, 0, 0), Extension.of(attributes).api());
        attributes.put("name", " ");
        assertThrows(ModuleException.class, () -> Extension.of(attributes));
    }

    /** Main runs languages, the controller its resources, the router the rest; the options of all are validated. */
    @ParameterizedTest
    @CsvSource({"lang, RUN, READ, RUN", "action, NONE, READ, RUN", "filter, NONE, READ, RUN", "wire, NONE, READ, RUN",
        "observer, NONE, READ, RUN", "target, NONE, READ, RUN", "section, NONE, READ, RUN",
        "protocol, NONE, READ, RUN", "certificate, NONE, READ, RUN", "control, NONE, RUN, NONE",
        "process, READ, READ, NONE"})
    void eachKindHasItsProcesses(String word, ExtensionKind.Use main, ExtensionKind.Use controller,
            ExtensionKind.Use router) {
        ExtensionKind kind = ExtensionKind.of(word).orElseThrow();
        assertEquals(main + " " + controller + " " + router, kind.main() + " " + kind.controller() + " "
            + kind.router());
    }

    @Test
    void eachKindIsTested() {
        assertEquals("[lang, wire, action, filter, observer, target, section, protocol, certificate, control, process]",
            ExtensionKind.words().toString());
    }
}

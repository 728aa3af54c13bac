// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.testing.Lines;
import java.util.List;
import org.junit.jupiter.api.Test;

class StartLinesTest {
    private final Lines lines = new Lines();
    private final StartLines start = new StartLines(lines);

    @Test
    void followTheLinesOfTheModules() {
        start.info("controller started");
        lines.notice("module: it 1.0 \"/it\"");
        start.info("router started");
        start.info("controller started");
        assertEquals(List.of("notice module: it 1.0 \"/it\""), lines.all);
        start.discovered();
        assertEquals(List.of("notice module: it 1.0 \"/it\"", "info controller started", "info router started"),
            lines.all);
        start.info("router started");
        start.discovered();
        assertEquals("info router started", lines.all.getLast());
        assertEquals(4, lines.all.size(), "one of later is written at once, and each time");
    }
}

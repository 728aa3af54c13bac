// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TextTableTest {

    @Test
    void columnsAreAsWideAsTheyNeedToBe() {
        assertEquals("A     B\n1     two\nlong  x y", new TextTable("A", "B").row(1, "two")
            .row("long", "x\ny").toString());
        assertEquals("A  B", new TextTable("A", "B").toString());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcFsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "7 (unit) S 3 7 7 0 -1 4194560 1 2 | 3 | false",
        "7 (a) b (c)) R 3 7 7 0 -1 4194564 1 2 | 3 | true",
        "7 (unit) Z 3 7 7 0 -1 4 1 2 | 3 | true",
        // Nothing that the kernel would write says that it is there.
        "7 (unit) S x 7 7 0 -1 y | 0 | true",
        "7 (unit) S | 0 | true",
        "'' | 0 | true"})
    void theLineOfAProcess(String stat, int parent, boolean ending) {
        assertEquals(parent, ProcFs.parent(stat));
        assertEquals(ending, ProcFs.isEnding(stat));
    }

    @Test
    void processesThatAreThereAndNot() {
        assertFalse(ProcFs.isEnding((int) ProcessHandle.current().pid()));
        assertTrue(ProcFs.isEnding(Integer.MAX_VALUE));
    }
}

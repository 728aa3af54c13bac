// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeftoversTest {

    /** As kill(2) has it, but for real ids that are not the saved ones: such a process has become somebody else. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "33 | 33 33 33 33 | true",
        "33 | 0 0 0 0 | false",
        "33 | 333 333 333 333 | false",
        "33 | 33 0 0 0 | false",
        "33 | 0 33 33 33 | false",
        "0 | 33 33 33 33 | true",
        "-1 | 33 33 33 33 | false",
        "4294967294 | 4294967294 4294967294 4294967294 4294967294 | true"})
    void noneIsEndedThatTheWorkerCouldNotHaveEnded(long worker, String ids, boolean expected) {
        assertEquals(expected, Leftovers.mayEnd(worker, "Name:\tsh\nUid:\t" + ids.replace(' ', '\t')
            + "\nGid:\t33\t33\t33\t33\n"));
        assertEquals(worker == 0, Leftovers.mayEnd(worker, ""));
    }
}

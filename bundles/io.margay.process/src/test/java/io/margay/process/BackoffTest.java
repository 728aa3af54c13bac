// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackoffTest {

    @Test
    void growsToTheCapWhileProcessesFailBeforeTheyServe() {
        Backoff backoff = new Backoff(100, 1000);
        List<Long> delays = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            delays.add(backoff.died(false));
        }
        assertEquals(List.of(100L, 200L, 400L, 800L, 1000L, 1000L), delays);
    }

    /** However often one is killed. */
    @Test
    void whatHasServedIsStartedAtOnce() {
        Backoff backoff = new Backoff();
        for (int i = 0; i < 20; i++) {
            assertEquals(0, backoff.died(true));
        }
        assertEquals(Backoff.FIRST_MILLIS, backoff.died(false));
        assertEquals(2 * Backoff.FIRST_MILLIS, backoff.died(false));
        assertEquals(0, backoff.died(true));
        assertEquals(Backoff.FIRST_MILLIS, backoff.died(false));
    }

    @Test
    void noPauseIsLongerThanFiveSeconds() {
        Backoff backoff = new Backoff();
        for (int i = 0; i < 70; i++) {
            assertEquals(true, backoff.died(false) <= 5_000);
        }
    }

    @Test
    void delaysThatSpinAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Backoff(0, 10));
        assertThrows(IllegalArgumentException.class, () -> new Backoff(10, 9));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private long now = 1000;

    @Test
    void growsToTheCapWhileProcessesDieYoung() {
        Backoff backoff = new Backoff(() -> now, 100, 1000, 60_000);
        List<Long> delays = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            backoff.started();
            now += 59_999;
            delays.add(backoff.died());
        }
        assertEquals(List.of(0L, 100L, 200L, 400L, 800L, 1000L, 1000L), delays);
    }

    @Test
    void startsAnewAfterALongLife() {
        Backoff backoff = new Backoff(() -> now);
        backoff.started();
        assertEquals(0, backoff.died());
        backoff.started();
        assertEquals(Backoff.FIRST_MILLIS, backoff.died());
        backoff.started();
        now += Backoff.STABLE_MILLIS;
        assertEquals(0, backoff.died());
        assertEquals(Backoff.FIRST_MILLIS, backoff.died());
    }

    @Test
    void failedStartsCountAsDeaths() {
        Backoff backoff = new Backoff(() -> now, 1, 4, 10);
        backoff.started();
        assertEquals(0, backoff.died());
        now += 1000;
        assertEquals(1, backoff.died());
        now += 1000;
        assertEquals(2, backoff.died());
        assertEquals(4, backoff.died());
        assertEquals(4, backoff.died());
    }

    @Test
    void delaysThatSpinAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Backoff(() -> now, 0, 10, 1));
        assertThrows(IllegalArgumentException.class, () -> new Backoff(() -> now, 10, 9, 1));
    }
}

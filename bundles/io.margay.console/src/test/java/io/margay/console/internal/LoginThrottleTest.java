// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoginThrottleTest {
    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong now = new AtomicLong(5);
    private final LoginThrottle throttle = new LoginThrottle(now::get);

    @Test
    void eachWrongOneAfterTheFreeOnesDoublesThePause() {
        long[] pauses = {0, 0, 1, 2, 4, 8, 16, 32, 32, 32};
        for (int i = 0; i < pauses.length; i++) {
            assertEquals(i + 1, throttle.wrong("a"));
            assertEquals(pauses[i], throttle.waits("a"), "after " + (i + 1));
            now.addAndGet(pauses[i] * SECOND);
            assertEquals(0, throttle.waits("a"));
        }
    }

    @Test
    void nobodyElseWaits() {
        for (int i = 0; i < 1000; i++) {
            throttle.wrong("a");
        }
        assertTrue(throttle.waits("a") > 0);
        assertEquals(0, throttle.waits("b"));
    }

    @Test
    void theRightPasswordAndTimeMakeItForgotten() {
        for (int i = 0; i < 5; i++) {
            throttle.wrong("a");
            throttle.wrong("b");
        }
        throttle.right("a");
        assertEquals(0, throttle.waits("a"));
        assertEquals(1, throttle.wrong("a"));
        now.addAndGet(3601 * SECOND);
        assertEquals(0, throttle.waits("b"));
        assertEquals(1, throttle.wrong("b"));
    }
}

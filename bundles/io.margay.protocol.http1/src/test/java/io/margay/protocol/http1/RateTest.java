// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.Fields;
import io.margay.http.HttpSettings;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies that come, and clients that take, slower than they may. */
class RateTest {
    private static final HttpSettings SETTINGS = HttpSettings.DEFAULTS.change().bodyMinRate(10).bodyReadTimeout(60)
        .build();

    @ParameterizedTest
    @CsvSource({"10,1,0,false", "10,5,0,false", "10,6,9,true", "10,6,10,false", "10,105,999,true", "10,105,1000,false",
        "0,1000,0,false"})
    void isAnAverageAfterTheFirstSeconds(int least, int seconds, int bytes, boolean below) {
        Rate rate = new Rate();
        rate.begin(7, 1000);
        assertEquals(below, rate.isBelow(least, 7 + TimeUnit.SECONDS.toNanos(seconds), 1000 + bytes));
    }

    @Test
    void slowBodiesAreRefused() {
        try (Wire wire = new Wire(SETTINGS, e -> e.respond(200, Fields.NONE, Wire.NOTHING))) {
            wire.send("POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n");
            for (int second = 1; second <= 10; second++) {
                assertEquals("", wire.send("x".repeat(5)).pass(1).take(), "after " + second + " seconds");
            }
            wire.send("x");
            assertEquals(408, wire.pass(1).status(), "51 bytes in 11 seconds");
        }
    }

    @Test
    void fastOnesAndThoseThatAreHandledAreNot() {
        try (Wire wire = new Wire(SETTINGS, e -> { })) {
            wire.send("POST / HTTP/1.1\r\nContent-Length: 300\r\n\r\n");
            for (int second = 1; second <= 29; second++) {
                assertEquals("", wire.send("x".repeat(10)).pass(1).take(), "after " + second + " seconds");
            }
            wire.send("x".repeat(10));
            assertEquals("", wire.pass(1000).take(), "it is complete");
            assertTrue(wire.isOpen());
        }
    }

    @Test
    void aWaitForTheNextRequestIsNone() {
        try (Wire wire = new Wire(SETTINGS.change().idleTimeout(0).build(),
                e -> e.respond(200, Fields.NONE, Wire.NOTHING))) {
            assertEquals(200, wire.send("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx").status());
            assertFalse(wire.pass(1000).take().contains("408"));
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a certificate is had next. */
class TimingTest {
    private static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "P90D, PT0S, 0, P60D", "P90D, PT0S, 1, P63D", "P6D, P1D, 0, P4D",
        // What is late is had at once, but nobody is asked without a pause.
        "P90D, P80D, 0, P80DT5S", "PT3S, PT0S, 0, PT5S", "PT30S, PT0S, 1, PT21S"})
    void afterTwoThirds(Duration life, Duration age, double random, Duration expected) {
        assertEquals(FROM.plus(expected), Timing.renewal(FROM, FROM.plus(life), FROM.plus(age), () -> random));
    }

    @ParameterizedTest
    @CsvSource({
        "1, PT0S, 0, PT2M", "1, PT0S, 1, PT2M30S", "2, PT0S, 0, PT4M", "6, PT0S, 0, PT64M", "10, PT0S, 0, PT1024M",
        "11, PT0S, 0, PT24H", "1000000, PT0S, 1, PT30H", "1, PT5S, 0, PT2M", "1, PT3H, 0, PT3H", "12, P7D, 0, P7D"})
    void everLongerAfterFailures(int failures, Duration asked, double random, Duration expected) {
        assertEquals(expected, Timing.pause(failures, asked, () -> random));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Durations in buckets. */
class HistogramTest {

    private static Figures.Durations of(long... micros) {
        Histogram histogram = new Histogram();
        for (long each : micros) {
            histogram.add(each * 1000);
        }
        Figures.Durations durations = new Figures.Durations();
        durations.add(histogram);
        return durations;
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1,1", "15,15", "16,17", "17,17", "18,19", "31,31", "32,35", "1000,1023", "1024,1151",
        "268435455,268435455", "9000000000000,268435455", "-5,0"})
    void aDurationIsShownByTheBoundOfItsBucket(long micros, long bound) {
        assertEquals(bound, of(micros).percentile(500));
    }

    @Test
    void boundsGrowAndAreAnEighthAboveAtMost() {
        for (int i = 1; i < Histogram.SIZE; i++) {
            long below = Histogram.bound(i - 1);
            assertTrue(Histogram.bound(i) > below, "bucket " + i);
            assertTrue(Histogram.bound(i) - below <= Math.max(1, below / 8 + 1), "bucket " + i);
            // What is one longer than the bound of a bucket is in the next one.
            assertEquals(Histogram.bound(i), of(below + 1).percentile(1000));
        }
    }

    @Test
    void percentilesAreThoseOfAllLoops() {
        Histogram one = new Histogram();
        Histogram other = new Histogram();
        for (int i = 0; i < 99; i++) {
            one.add(5_000);
        }
        other.add(13_000);
        Figures.Durations both = new Figures.Durations();
        both.add(one);
        both.add(other);
        both.add(null);
        assertEquals(5, both.percentile(500));
        assertEquals(5, both.percentile(990));
        assertEquals(13, both.percentile(991));
        assertEquals(0, of().percentile(990));
        assertEquals("{\"p50\":5,\"p90\":5,\"p99\":5,\"sum\":508,\"buckets\":{\"5\":99,\"13\":1}}",
            new String(ConfWriter.compact(both.toConf()), StandardCharsets.UTF_8));
    }
}

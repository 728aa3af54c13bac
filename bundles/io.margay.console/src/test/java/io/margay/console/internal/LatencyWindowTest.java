// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.conf.ConfObject;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LatencyWindowTest {
    private static LatencyWindow window(long failed, Map<Long, Long> counts) {
        return new LatencyWindow(failed, new TreeMap<>(counts));
    }

    @Test
    void percentilesOfWhatCameSince() {
        LatencyWindow before = window(1, Map.of(10L, 100L));
        LatencyWindow since = window(3, Map.of(10L, 150L, 500L, 49L, 9000L, 1L)).since(before);
        assertEquals(window(2, Map.of(10L, 50L, 500L, 49L, 9000L, 1L)), since);
        assertEquals(10, since.percentile(500));
        assertEquals(500, since.percentile(990));
        assertEquals(9000, since.percentile(1000));
    }

    @Test
    void countersThatBeganAnewCountFromNothing() {
        LatencyWindow now = window(0, Map.of(10L, 5L));
        assertEquals(now, now.since(window(0, Map.of(10L, 6L))));
        assertEquals(now, now.since(window(0, Map.of(20L, 1L))));
        assertEquals(now, now.since(window(1, Map.of(10L, 1L))));
    }

    @Test
    void nothingAndNonsenseIsNothing() {
        assertEquals(-1, LatencyWindow.NONE.percentile(990));
        assertEquals(LatencyWindow.NONE, LatencyWindow.of(ConfObject.builder().put("error", "x").put("latency",
            ConfObject.builder().put("buckets", ConfObject.builder().put("x", 1).put("-5", 2).put("7", "8").build())
                .build()).build()));
    }
}

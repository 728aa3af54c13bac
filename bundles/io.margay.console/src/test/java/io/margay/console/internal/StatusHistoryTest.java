// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.control.ServerControl;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StatusHistoryTest {
    private final AtomicLong total = new AtomicLong();

    private ConfObject status() {
        return ConfObject.builder().put("requests", ConfObject.builder().put("total", total.incrementAndGet()).build())
            .put("applications", ConfObject.builder().put("a", ConfObject.builder().put("error", "broken")
                .put("processes", ConfObject.builder().put("running", 2).build()).build()).build()).build();
    }

    private ConfObject traffic() {
        return ConfObject.builder().put("errors", total.get() * 3).put("latency", ConfObject.builder().put("buckets",
            ConfObject.builder().put("15", total.get() * 95).put("2047", total.get() * 5).build()).build()).build();
    }

    private static ConfArray samples(StatusHistory history) {
        return history.json().array("samples").orElseThrow();
    }

    @Test
    void anHourIsKeptTheOldestFirst() {
        StatusHistory history = new StatusHistory(this::status, this::traffic, () -> 7, () -> total.get() * 5000);
        for (int i = 0; i < StatusHistory.SAMPLES + 10; i++) {
            history.run();
        }
        ConfArray samples = samples(history);
        assertEquals(StatusHistory.SAMPLES, samples.size());
        ConfArray first = (ConfArray) samples.elements().getFirst();
        assertEquals(Conf.of(11 * 5000L), first.elements().get(0));
        assertEquals(Conf.of(11), first.elements().get(1));
        ConfArray last = (ConfArray) samples.elements().getLast();
        assertEquals(Conf.of(StatusHistory.SAMPLES + 10), last.elements().get(1));
        assertEquals(Conf.of(2), last.elements().get(1 + StatusHistory.NAMES.indexOf("running")));
        assertEquals(Conf.of(7), last.elements().get(1 + StatusHistory.NAMES.indexOf("memory")));
        assertEquals(Conf.of(1), last.elements().get(1 + StatusHistory.NAMES.indexOf("errors")));
        // Of the time since the look before, not of all.
        assertEquals(Conf.of(3), last.elements().get(1 + StatusHistory.NAMES.indexOf("failed")));
        assertEquals(Conf.of(15), last.elements().get(1 + StatusHistory.NAMES.indexOf("p90")));
        assertEquals(Conf.of(2047), last.elements().get(1 + StatusHistory.NAMES.indexOf("p99")));
    }

    @Test
    void aSilentServerLeavesAGap() {
        StatusHistory history = new StatusHistory(() -> ServerControl.problem("silent"),
            () -> ConfObject.EMPTY, () -> 0, () -> 0);
        history.run();
        assertEquals(0, samples(history).size());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.metrics;

import io.margay.http.HttpLoop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * The counters of all loops: from the first question on, or from the first configuration that has a place for them,
 * until the process ends. Before that requests pay nothing. Safe for all threads; requests meet none of this.
 */
final class Meter {
    /** A name that nothing has been counted for so long makes room, when room is scarce. */
    private static final long STALE_NANOS = 3_600_000_000_000L;

    /** What was counted under a name when something was counted last. */
    private record Seen(long count, long nanos) {
    }

    private final LongSupplier clock;
    /** By their numbers. */
    private final Map<Integer, HttpLoop> loops = new TreeMap<>();
    private final Map<Integer, LoopMeter> meters = new TreeMap<>();
    private final Map<MetricKind, Map<String, Seen>> seen = new EnumMap<>(MetricKind.class);
    /** What routers before this one have counted. */
    private final Sums before = new Sums();
    /** What the next router was told. */
    private final Sums given = new Sums();
    private boolean on;

    Meter(LongSupplier clock) {
        this.clock = clock;
        for (MetricKind kind : MetricKind.values()) {
            seen.put(kind, new TreeMap<>());
        }
    }

    /** A loop is there; one of its number that was there before has served nobody. */
    synchronized void add(HttpLoop loop) {
        loops.put(loop.index(), loop);
        LoopMeter meter = new LoopMeter();
        meters.put(loop.index(), meter);
        if (on) {
            loop.watch(meter);
        }
    }

    /** Begins to count. */
    synchronized void start() {
        if (!on) {
            on = true;
            loops.forEach((number, loop) -> loop.watch(meters.get(number)));
        }
    }

    /** Counts nothing more. */
    synchronized void stop() {
        loops.forEach((number, loop) -> loop.unwatch(meters.get(number)));
        on = false;
    }

    synchronized boolean isOn() {
        return on;
    }

    /** All that was counted so far, by this router and those before it. */
    synchronized Sums sums() {
        Sums sums = new Sums();
        sums.add(before, 1);
        meters.values().forEach(sums::add);
        for (MetricKind kind : MetricKind.values()) {
            age(kind, sums.of(kind));
        }
        return sums;
    }

    /** Forgets names of which nothing came for long, when there are many: their configuration has gone. */
    private void age(MetricKind kind, Map<String, long[]> sums) {
        Map<String, Seen> known = seen.get(kind);
        long now = clock.getAsLong();
        List<String> stale = new ArrayList<>();
        sums.forEach((name, counts) -> {
            long count = Arrays.stream(counts).limit(Layout.BYTES).sum();
            Seen last = known.get(name);
            if (last == null || last.count() != count) {
                known.put(name, new Seen(count, now));
            } else if (now - last.nanos() > STALE_NANOS) {
                stale.add(name);
            }
        });
        if (sums.size() > LoopMeter.MOST / 2) {
            stale.forEach(name -> {
                sums.remove(name);
                known.remove(name);
                before.of(kind).remove(name);
                given.of(kind).remove(name);
                meters.values().forEach(meter -> meter.named(kind).remove(name));
            });
        }
    }

    /** Requests that were not counted under one of their names, since there were too many. */
    synchronized long leftOut() {
        return meters.values().stream().mapToLong(LoopMeter::leftOut).sum();
    }

    /** What was counted since the last call. */
    synchronized Sums news() {
        Sums news = sums();
        news.add(given, -1);
        given.add(news, 1);
        return news;
    }

    /** A router before this one has counted more. */
    synchronized void take(Sums more) {
        start();
        before.add(more, 1);
    }
}

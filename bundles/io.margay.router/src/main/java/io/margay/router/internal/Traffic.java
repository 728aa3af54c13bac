// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.engine.EventLoop;
import io.margay.engine.Timer;
import io.margay.http.HttpLoop;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Counts what is served while somebody asks for it: from the first question on, until nobody has asked for a while.
 * Requests pay nothing otherwise. On the control loop.
 */
final class Traffic {

    /** Who has not asked again within this time has gone. */
    static final long PATIENCE_MILLIS = 60_000;
    /** Names that all loops together may count of one kind: some 2 KB each, 6 KB for an application. */
    private static final int MOST = 4096;
    private static final int LEAST_EACH = 32;
    private static final int MOST_EACH = 1000;

    private final EventLoop control;
    private final Loops loops;
    private final Map<HttpLoop, TrafficProbe> probes = new LinkedHashMap<>();
    private Optional<Timer> end = Optional.empty();
    private long begun;
    private long changed;

    /** Counts nothing yet. */
    Traffic(EventLoop control, Loops loops) {
        this.control = control;
        this.loops = loops;
    }

    /** Somebody asks: what each loop has counted so far. */
    Collection<TrafficProbe> asked() {
        end.ifPresent(Timer::cancel);
        end = Optional.of(control.schedule(PATIENCE_MILLIS, this::stop));
        if (probes.isEmpty()) {
            begun = System.nanoTime();
            changed = begun;
        }
        Collection<HttpLoop> now = loops.http();
        probes.keySet().retainAll(now);
        for (HttpLoop loop : now) {
            if (!probes.containsKey(loop)) {
                TrafficProbe probe = new TrafficProbe(Math.clamp(MOST / now.size(), LEAST_EACH, MOST_EACH),
                    System::nanoTime);
                probes.put(loop, probe);
                loop.watch(probe);
            }
        }
        return probes.values();
    }

    /** {@return for how long there are figures, milliseconds} */
    long millis() {
        return (System.nanoTime() - begun) / 1_000_000;
    }

    /** {@return for how long there are figures of the parts of this configuration, milliseconds} */
    long partsMillis() {
        return (System.nanoTime() - changed) / 1_000_000;
    }

    /** Another configuration is in force. */
    void changed() {
        changed = System.nanoTime();
        probes.values().forEach(TrafficProbe::forget);
    }

    /** Forgets everything. */
    void stop() {
        end.ifPresent(Timer::cancel);
        end = Optional.empty();
        probes.forEach(HttpLoop::unwatch);
        probes.clear();
    }
}

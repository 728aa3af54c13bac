// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.engine.EventLoop;
import io.margay.http.HttpLoop;
import io.margay.log.ErrorLog;
import io.margay.status.Recorded;
import java.util.HashMap;
import java.util.Map;

/** Has the loops make events while this process is recorded. */
final class FlightSource implements Recorded {

    private final EventLoop control;
    private final Loops loops;
    private final ErrorLog log;
    /** On the control loop. */
    private final Map<HttpLoop, FlightProbe> probes = new HashMap<>();

    FlightSource(EventLoop control, Loops loops, ErrorLog log) {
        this.control = control;
        this.loops = loops;
        this.log = log;
    }

    @Override
    public void recording(boolean now) {
        control.execute(() -> {
            probes.forEach(HttpLoop::unwatch);
            probes.clear();
            if (now) {
                begin();
            }
        });
    }

    private void begin() {
        try {
            // In a framework that hides the recorder's inner classes from bundles, this is where that shows.
            new FlightEvents.Route().commit();
            loops.http().forEach(loop -> probes.put(loop, new FlightProbe()));
        } catch (LinkageError e) {
            probes.clear();
            log.warn("the recording has no events of requests, since this framework does not allow any: " + e);
        }
        probes.forEach(HttpLoop::watch);
    }
}

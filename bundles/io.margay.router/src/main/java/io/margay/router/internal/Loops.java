// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.http.HttpCounters;
import io.margay.http.HttpLoop;
import io.margay.http.Protocol;
import io.margay.http.Protocols;
import io.margay.log.ErrorLog;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The threads that serve clients. Their number follows {@code listen_threads}; one that is not wanted any more stops
 * accepting and idles, since its connections go on and its counters count. On the control loop.
 */
final class Loops {

    private final String version;
    private final Consumer<Throwable> failures;
    private final ErrorLog log;
    private final Supplier<List<Protocol>> offered;
    private final List<EventLoop> engines = new ArrayList<>();
    private final List<HttpLoop> http = new ArrayList<>();
    private Protocols protocols = Protocols.of(List.of());

    /** Begins with the control loop, which serves clients too. */
    Loops(EventLoop first, String version, Consumer<Throwable> failures, ErrorLog log,
          Supplier<List<Protocol>> offered) {
        this.log = log;
        this.offered = offered;
        this.version = version;
        this.failures = failures;
        add(first);
    }

    private void add(EventLoop loop) {
        http.add(new HttpLoop(loop.netty(), http.size(), version, log));
        engines.add(loop);
    }

    /** Makes sure that there are so many. */
    void grow(int count) {
        while (engines.size() < count) {
            add(EventLoops.create("router-" + engines.size(), 1, failures).loop(0));
        }
    }

    /** The first of them. */
    List<HttpLoop> http(int count) {
        return List.copyOf(http.subList(0, count));
    }

    /** All of them, as the engine knows them. */
    List<EventLoop> engines() {
        return List.copyOf(engines);
    }

    /** The protocols that bundles offer now, for the next configuration. */
    Protocols offered() {
        return protocols.next(offered.get());
    }

    /** New connections speak these from now on: those before are let go. */
    void speak(Protocols next) {
        protocols.replacedBy(next);
        protocols = next;
    }

    /** The sums of all loops. */
    HttpCounters.Totals totals() {
        HttpCounters.Totals totals = HttpCounters.Totals.ZERO;
        for (HttpLoop loop : http) {
            totals = totals.plus(loop.counters().totals());
        }
        return totals;
    }
}

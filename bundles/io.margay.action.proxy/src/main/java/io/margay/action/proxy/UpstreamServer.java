// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import java.util.concurrent.atomic.AtomicInteger;

/** One server of an upstream. Shared by all loops. */
final class UpstreamServer {
    private final LinkPool pool;
    private final double weight;
    private final AtomicInteger active = new AtomicInteger();

    UpstreamServer(LinkPool pool, double weight) {
        this.pool = pool;
        this.weight = weight;
    }

    LinkPool pool() {
        return pool;
    }

    /** Its share as configured; 0 for none. */
    double weight() {
        return weight;
    }

    /** Requests that it has now. */
    int active() {
        return active.get();
    }

    void begins() {
        active.incrementAndGet();
    }

    void ends() {
        active.decrementAndGet();
    }
}

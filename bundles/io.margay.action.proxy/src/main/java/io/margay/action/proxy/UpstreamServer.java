// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

/** One server of an upstream in one configuration. Shared by all loops. */
final class UpstreamServer {
    private final LinkPool pool;
    private final UpstreamServerOptions options;
    private final UpstreamServerState state;
    private final int index;

    /** Creates the server of a place in its upstream, from 0. */
    UpstreamServer(LinkPool pool, UpstreamServerOptions options, UpstreamServerState state, int index) {
        this.pool = pool;
        this.options = options;
        this.state = state;
        this.index = index;
    }

    LinkPool pool() {
        return pool;
    }

    UpstreamServerOptions options() {
        return options;
    }

    UpstreamServerState state() {
        return state;
    }

    int index() {
        return index;
    }

    /** Its share as configured; 0 for none. */
    double weight() {
        return options.weight();
    }

    /** What of its share it takes now, above 0 to 1. */
    double part(long now) {
        return options.slowStartNanos() == 0 ? 1 : state.part(options.slowStartNanos(), now);
    }

    /** Whether it may get a request; {@code desperate} when there is none that has not failed. */
    boolean isOpen(boolean desperate, long now) {
        return options.weight() > 0 && !options.down() && !state.isDrained() && !state.isUnhealthy()
            && (desperate || !state.isFailed(options, now))
            && (options.maxActive() == 0 || state.active() < options.maxActive());
    }

    void failed(long now) {
        state.fails(options, now);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.conf.ConfObject;

/**
 * What a server of an upstream is configured with.
 *
 * @param weight its share; 0 for none
 * @param maxFails failures within {@code failNanos} after which it gets no requests for that time; 0 for never
 * @param failNanos that time
 * @param maxActive the most requests at a time; 0 for any number
 * @param backup whether it gets requests only while no other server takes any
 * @param down whether it gets none
 * @param slowStartNanos how long its share grows after it was away; 0 if it has all of it at once
 */
record UpstreamServerOptions(double weight, int maxFails, long failNanos, int maxActive, boolean backup, boolean down,
    long slowStartNanos) {
    private static final long SECOND = 1_000_000_000L;
    private static final int MOST_SECONDS = 2_000_000;

    /** Those of a server that is configured with its address alone; failures do not keep requests from it. */
    static final UpstreamServerOptions ALONE = new UpstreamServerOptions(1, 0, 0, 0, false, false, 0);

    static UpstreamServerOptions read(ConfObject conf) {
        return new UpstreamServerOptions(conf.number("weight", 1), (int) conf.integer("max_fails", 1),
            seconds(conf, "fail_timeout", 10), (int) conf.integer("max_conns", 0), conf.bool("backup", false),
            conf.bool("down", false), seconds(conf, "slow_start", 0));
    }

    static long seconds(ConfObject conf, String name, int absent) {
        return SECOND * Math.clamp(conf.integer(name, absent), 0, MOST_SECONDS);
    }
}

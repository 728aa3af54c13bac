// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.Conf;
import io.margay.status.AskedInspector;

/**
 * The inspector {@code traffic}: what is served and how fast, by listener, route step and application; asked for
 * {@code all}, of all together only. On the control loop.
 */
final class TrafficInspector implements AskedInspector {

    private final Traffic traffic;

    TrafficInspector(Traffic traffic) {
        this.traffic = traffic;
    }

    @Override
    public String name() {
        return "traffic";
    }

    @Override
    public Conf dump() {
        return TrafficReport.of(traffic, true);
    }

    @Override
    public Conf answer(String question) {
        if (question.equals("all")) {
            return TrafficReport.of(traffic, false);
        }
        throw new IllegalArgumentException("The question is \"all\" or none.");
    }
}

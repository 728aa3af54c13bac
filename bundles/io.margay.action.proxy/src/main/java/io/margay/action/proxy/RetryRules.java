// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.conf.ConfObject;

/**
 * How often a request is tried.
 *
 * @param tries servers at most; 0 for all
 * @param nanos since the first try, after which there is no other one; 0 for none
 */
record RetryRules(int tries, long nanos) {

    static RetryRules read(ConfObject conf) {
        ConfObject retry = conf.object("retry").orElse(ConfObject.EMPTY);
        return new RetryRules((int) retry.integer("tries", 0), UpstreamServerOptions.seconds(retry, "timeout", 0));
    }

    /** Whether there is another try after so many, begun then. */
    boolean allows(int made, long begun, long now) {
        return (tries == 0 || made < tries) && (nanos == 0 || now - begun < nanos);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.dispatch.AppPool;
import io.margay.engine.Generation;
import io.margay.lang.AppSpec;
import io.margay.listen.Listener;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A configuration in force: replaced as a whole.
 *
 * @param loops how many loops there were when it was applied; its pools know so many
 * @param pools applications by name, in their order
 * @param listeners sockets by address
 * @param generation entered by every request that uses it
 */
record Configuration(int loops, Map<String, AppPool> pools, Map<String, Listener> listeners, Generation generation) {

    /**
     * The pool that serves an application of the next configuration too, with its processes; empty when that needs
     * new ones.
     *
     * @param next the application as it shall be
     * @param engines how many loops there will be
     */
    Optional<AppPool> kept(AppSpec next, int engines) {
        return Optional.ofNullable(pools.get(next.name())).filter(pool -> engines == loops
            && pool.spec().sameAs(next));
    }

    /** Nothing is served. */
    static Configuration empty() {
        return new Configuration(0, new LinkedHashMap<>(), new LinkedHashMap<>(), new Generation());
    }
}

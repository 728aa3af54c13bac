// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Service: all pools that live, those of old configurations until their last request included, since they need the
 * news of their processes too. Any thread.
 */
@ProviderType
public interface AppPools {

    /** The pools. */
    List<AppPool> all();

    /** Gives up the pools that are kept for a way back. */
    default void unpark() {
        // Nothing is parked.
    }

    /**
     * Tells that a worker is gone.
     *
     * @param pid the process
     * @param start the start that failed by it, or 0 if it had been ready
     */
    default void workerGone(int pid, int start) {
        all().forEach(pool -> pool.workerGone(pid, start));
    }

    /** Tells that a prototype is gone. */
    default void prototypeGone(int pid) {
        all().forEach(pool -> pool.prototypeGone(pid));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import org.osgi.annotation.versioning.ConsumerType;

/** The wire of one application. */
@ConsumerType
public interface Wire {

    /** How requests find a worker. */
    enum Flow {
        /** Workers take them by themselves from a queue that they share: {@link WireGeneration#lane}. */
        PULL,
        /** Each is given to a worker that has room: {@link Worker#take}. */
        PUSH
    }

    /** How requests find a worker. */
    Flow flow();

    /** Requests that a worker can work on at a time, at least 1. */
    int contexts();

    /**
     * Opens a generation of processes: whatever they share. No process is started yet. On the home loop, except for
     * the first, which is opened by the thread that makes the pool.
     */
    WireGeneration open();
}

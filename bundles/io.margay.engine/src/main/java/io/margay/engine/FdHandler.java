// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import org.osgi.annotation.versioning.ConsumerType;

/** Told by a loop what a descriptor is ready for. */
@FunctionalInterface
@ConsumerType
public interface FdHandler {

    /**
     * Called on the loop's thread; must not block. May be spurious, so reads and writes must be non-blocking.
     *
     * @param readable there is something to read, the end included
     * @param writable there is room to write
     * @param hangup the peer closed or an error is pending. What it sent before may still be there to be read.
     *     Repeats until the watch is cancelled, except while nothing is asked for: then it is told once
     */
    void ready(boolean readable, boolean writable, boolean hangup);
}

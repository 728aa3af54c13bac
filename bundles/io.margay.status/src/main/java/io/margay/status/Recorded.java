// SPDX-License-Identifier: Apache-2.0
package io.margay.status;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Service: makes events of its own for the JDK's flight recorder (JFR), while a recording runs. It is looked up when
 * one begins, and must not load a class of {@code jdk.jfr} before.
 */
@ConsumerType
@FunctionalInterface
public interface Recorded {

    /**
     * A recording has begun, or is about to end. On a thread of the recorder; must not wait.
     *
     * @param now whether events are wanted from now on
     */
    void recording(boolean now);
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * What a process does once its bundles are active. Each core process has exactly one service of this type.
 *
 * <p>Components must be inert until {@link #start}: a training run, which records the classes of a start, activates
 * them and exits without calling it.
 */
@ConsumerType
public interface Role {
    /**
     * Starts the work of the process. Called once, on the main thread, after every bundle of the feature is active;
     * returns when the process runs, which it then does on threads of its own until {@link Launch#exit}.
     *
     * @param launch how the process was started
     * @throws Exception when the process cannot start: the message goes to standard error and the exit code is 1
     */
    void start(Launch launch) throws Exception;

    /**
     * Loads classes that a start needs and that activation does not load, without touching the system. Called instead
     * of {@link #start} in a training run; the default does nothing.
     */
    default void train() {
    }
}

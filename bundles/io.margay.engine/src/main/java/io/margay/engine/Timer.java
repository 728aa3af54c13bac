// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import org.osgi.annotation.versioning.ProviderType;

/** A task that will run later. */
@ProviderType
@FunctionalInterface
public interface Timer {

    /** Drops the task unless it has begun; from any thread, any number of times. */
    void cancel();
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import org.osgi.annotation.versioning.ConsumerType;

/** Runs tasks later. */
@FunctionalInterface
@ConsumerType
public interface Delay {

    /**
     * Runs a task once on the thread of {@link ControlApi}.
     *
     * @return drops the task unless it has begun
     */
    Runnable after(long millis, Runnable task);
}

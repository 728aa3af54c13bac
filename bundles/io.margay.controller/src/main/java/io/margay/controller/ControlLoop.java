// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import java.util.concurrent.Executor;

/** The one thread of the configuration plane. */
public interface ControlLoop extends Executor {

    /**
     * Runs a task once, later.
     *
     * @return drops the task unless it has begun
     */
    Runnable after(long millis, Runnable task);
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/** Restarts applications. */
@FunctionalInterface
@ConsumerType
public interface Restarter {

    /**
     * Orders new processes for an application of the configuration in force; called on the thread of {@link
     * ControlApi}.
     *
     * @return completes on any thread within bounded time when the order was taken; an exception says why it was not
     */
    CompletionStage<Void> restart(String application);
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/** Keeps the configuration in force for the next start. */
@FunctionalInterface
@ConsumerType
public interface ConfigStore {

    /**
     * Stores a configuration; called one at a time, on the thread of {@link ControlApi}.
     *
     * @return completes on any thread within bounded time; an exception says why it is not stored
     */
    CompletionStage<Void> store(byte[] compactJson);
}

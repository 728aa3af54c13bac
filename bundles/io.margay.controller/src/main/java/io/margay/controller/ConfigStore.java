// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.store.ChangeNote;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/** Keeps the configuration in force for the next start. */
@FunctionalInterface
@ConsumerType
public interface ConfigStore {

    /**
     * Stores a configuration; called one at a time, on the thread of {@link ControlApi}.
     *
     * @param note who has changed it, and how
     * @return completes on any thread within bounded time; an exception says why it is not stored
     */
    CompletionStage<Stored> store(byte[] compactJson, ChangeNote note);
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfObject;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/** Brings configurations into force, all or nothing. */
@FunctionalInterface
@ConsumerType
public interface Applier {

    /**
     * Applies a valid configuration. Called one at a time, on the thread of {@link ControlApi}.
     *
     * @param conf the whole configuration
     * @param compactJson its text
     * @param leftOut applications in it that must not be started now, and listeners that must not be opened
     * @return completes on any thread, and MUST complete within bounded time, also when the router dies; an exception
     *     counts as a failure with its message as the reason
     */
    CompletionStage<Applied> apply(ConfObject conf, byte[] compactJson, LeftOut leftOut);
}

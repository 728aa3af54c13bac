// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/** A part that can finish its work and take no more. */
@ConsumerType
@FunctionalInterface
public interface Drainable {

    /** Refuses new work from now on; the stage completes once, when the work begun before is done. */
    CompletionStage<Void> drain();
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfObject;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/** Tells what applying a configuration would do. */
@FunctionalInterface
@ConsumerType
public interface Previewer {

    /**
     * Asks without applying anything; called on the thread of {@link ControlApi}.
     *
     * @param compactJson the whole configuration, valid
     * @param leftOut what of it would not be started or opened
     * @return {@code listeners} with the arrays of addresses {@code opened}, {@code closed} and {@code kept}, and
     *     {@code applications} with the arrays of names {@code started}, {@code restarted}, {@code stopped} and
     *     {@code kept}; completes on any thread within bounded time; an exception says why there is no telling
     */
    CompletionStage<ConfObject> preview(byte[] compactJson, LeftOut leftOut);
}

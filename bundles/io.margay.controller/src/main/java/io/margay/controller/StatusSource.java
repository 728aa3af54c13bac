// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfObject;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/** Tells how the server is. */
@FunctionalInterface
@ConsumerType
public interface StatusSource {

    /**
     * The status now ({@code spec/control-api.md §10}); called on the thread of {@link ControlApi}.
     *
     * @return completes on any thread within bounded time; an exception means that there is no telling
     */
    CompletionStage<ConfObject> status();
}

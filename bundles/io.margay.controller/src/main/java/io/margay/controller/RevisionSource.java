// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfObject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/** The configurations of before; called on the thread of {@link ControlApi}. */
@ConsumerType
public interface RevisionSource {

    /**
     * What is known of each, oldest first.
     *
     * @return completes on any thread within bounded time; an exception says why there is no telling
     */
    CompletionStage<List<ConfObject>> revisions();

    /**
     * One of them.
     *
     * @return completes on any thread within bounded time, empty when there is none of that number; an exception says
     *     why there is no telling
     */
    CompletionStage<Optional<Revision>> revision(long number);
}

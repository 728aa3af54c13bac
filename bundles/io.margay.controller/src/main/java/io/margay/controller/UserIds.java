// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/** Knows the users of this machine. */
@FunctionalInterface
@ConsumerType
public interface UserIds {

    /**
     * The id of a user, unsigned; called on the thread of {@link ControlApi}.
     *
     * @return completes on any thread within bounded time, empty when there is no such user; an exception says why
     *     there is no telling
     */
    CompletionStage<OptionalInt> uid(String name);
}

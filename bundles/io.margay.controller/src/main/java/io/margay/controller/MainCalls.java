// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.module.ModuleOrder;
import io.margay.posix.Fd;
import io.margay.store.ChangeNote;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;

/**
 * What the controller has main do, which may touch the disk and the name service. Called on the loop; the stages
 * complete on any thread within bounded time, and an exception says why there is no result.
 */
public interface MainCalls {

    /** Main has gone, and this process ends. */
    final class Gone extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        private final boolean asked;

        /** With what it did not take. */
        public Gone(String message) {
            this(message, false);
        }

        /**
         * With what became of a request.
         *
         * @param asked whether main may have done it before it went
         */
        public Gone(String message, boolean asked) {
            super(message);
            this.asked = asked;
        }

        /** Whether main may have done what it was asked for. */
        public boolean isAsked() {
            return asked;
        }
    }

    /**
     * Stores a configuration for the next start; called one at a time.
     *
     * @param note who has changed it, and how
     * @return fails with {@link Gone} when there is no main that could store it
     */
    CompletionStage<Stored> store(byte[] compactJson, ChangeNote note);

    /** What is known of each configuration of before, oldest first. */
    CompletionStage<List<ConfObject>> revisions();

    /** One of them; empty when there is none of that number. */
    CompletionStage<Optional<Revision>> revision(long number);

    /** What an inspector of main shows; the list of their names for the empty name. */
    CompletionStage<Conf> inspect(String name);

    /**
     * Has an order about an extension bundle carried out.
     *
     * @param jar the bundle that comes with it, in sealed memory, which is closed here
     * @return completes with what main says: {@code value}, or {@code kind} and {@code error}
     */
    CompletionStage<ConfObject> module(ModuleOrder order, Optional<Fd> jar);

    /**
     * Has an order of somebody at a shell carried out.
     *
     * @return completes with what main says: {@code value}, or {@code status} of HTTP and {@code error}
     */
    CompletionStage<ConfObject> shell(ConfObject order);

    /**
     * Has a new process of a kind take the place of the one that serves.
     *
     * @param seconds how long connections of the old one may last; empty for what is configured
     * @return completes when the new one serves, or with the reason why the old one serves on
     */
    CompletionStage<Void> replace(String kind, OptionalInt seconds);

    /** The id of a user of this machine, unsigned; empty when there is no such user. */
    CompletionStage<OptionalInt> uid(String name);
}

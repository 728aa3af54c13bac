// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import java.util.concurrent.CompletionStage;

/**
 * What the controller asks of the router. Called on the loop; every stage completes on any thread and MUST complete
 * within bounded time, also when the router dies. An exception counts as a failure with its message as the reason.
 */
public interface RouterCalls {

    /** There is no router now. */
    final class Gone extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        /** With the reason for a client. */
        public Gone(String message) {
            super(message);
        }
    }

    /**
     * Applies a valid configuration, all or nothing; called one at a time.
     *
     * @param conf the whole configuration
     * @param compactJson its text
     * @param leftOut applications in it that must not be started now, and listeners that must not be opened
     */
    CompletionStage<Applied> apply(ConfObject conf, byte[] compactJson, LeftOut leftOut);

    /**
     * The same at a router that is to take the place of the one that serves.
     *
     * @param conf the configuration in force
     * @param compactJson its text
     * @param leftOut what of it does not serve
     */
    CompletionStage<Applied> applyNext(ConfObject conf, byte[] compactJson, LeftOut leftOut);

    /**
     * What applying a configuration would do.
     *
     * @param compactJson the whole configuration, valid
     * @param leftOut what of it would not be started or opened
     * @return {@code listeners} with the arrays of addresses {@code opened}, {@code closed}, {@code kept} and
     *     {@code left_out}, and {@code applications} with the arrays of names {@code started}, {@code restarted},
     *     {@code stopped}, {@code kept} and {@code left_out}
     */
    CompletionStage<ConfObject> preview(byte[] compactJson, LeftOut leftOut);

    /** The status now ({@code spec/control-api.md §10}). */
    CompletionStage<ConfObject> status();

    /** What an inspector of the router shows; the list of their names for the empty name. */
    CompletionStage<Conf> inspect(String name);

    /** Orders new processes for an application of the configuration in force; done when they serve. */
    CompletionStage<Void> restart(String application);
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.http.Exchange;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/** What serves the requests of one application. */
@ProviderType
public interface Backend {

    /**
     * Gives a request to the application. On the loop of the exchange.
     *
     * @param exchange its body is complete
     * @param target index of the application's target
     */
    void submit(Exchange exchange, int target);

    /**
     * New processes of the same configuration; running requests finish on the old ones.
     *
     * @return completes when the new ones are ready, and fails when one does not start
     */
    CompletionStage<Void> restart();

    /**
     * Ends when the last request is finished; nobody may submit any more.
     *
     * @return completes when all processes are gone and everything is closed
     */
    CompletionStage<Void> retire();

    /** The counters. */
    PoolStatus status();
}

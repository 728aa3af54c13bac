// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.conf.ConfObject;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/** Service: what is so now, for resources that tell of it in another way. Called on the loop of the control socket. */
@ProviderType
public interface ServerState {

    /**
     * What {@code GET /status} shows.
     *
     * @return completes on the loop within bounded time; fails with the reason when the router does not answer
     */
    CompletionStage<ConfObject> status();

    /** The configuration in force. */
    ConfObject configuration();

    /** Whether the router that is there has taken it; not so between its start and that. */
    boolean isServed();

    /** What {@code GET /certificates} shows. */
    ConfObject certificates();
}

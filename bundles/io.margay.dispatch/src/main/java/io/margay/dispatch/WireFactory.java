// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A way for requests to reach the processes of a language, registered as a service by its bundle. It says how a worker
 * is started, how it is known to be ready, and how a request and its answer travel; how many workers there are, and
 * when they come and go, is not its business but that of {@link AppPool}.
 */
@ConsumerType
public interface WireFactory {

    /** The name that languages call it by, {@code port}. */
    String name();

    /**
     * Opens the wire of one application. Called by any thread; nothing is started yet.
     *
     * @param context what there is to work with; valid as long as the wire is
     * @throws RuntimeException when it cannot be had; nothing is left open then
     */
    Wire open(WireContext context);
}

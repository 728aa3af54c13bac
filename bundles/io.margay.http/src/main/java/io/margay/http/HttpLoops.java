// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Service of the process that serves clients: its loops, for those who watch all of them, and what requests that no
 * client has sent need. Called on its control thread.
 */
@ProviderType
public interface HttpLoops {

    /**
     * Shows each loop that there is, and later each that is made.
     *
     * @param action called on the control thread; those loops that came to nothing need no farewell
     * @return ends that; to be called on the control thread
     */
    AutoCloseable each(Consumer<HttpLoop> action);

    /** How many loops there are; their {@linkplain HttpLoop#index() numbers} are below that. */
    int count();

    /**
     * What a request of the server itself begins with: settings and generation of the configuration in force. It enters
     * the generation at its begin, as that of a client does, and takes another binding if it cannot.
     *
     * @param handler answers the request
     */
    HttpBinding binding(ExchangeHandler handler);
}

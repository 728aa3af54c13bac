// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/** Makes event loops, a service. When it goes, the loops that it made and that nobody ended end with it. */
@ProviderType
public interface EventEngine {

    /**
     * Makes loops; a thread starts with the first task of its loop. Who makes them ends them.
     *
     * @param name of the threads, a number is added
     * @param count how many, from 1
     * @param failures gets what callbacks and tasks throw, on the loop's thread
     * @throws IllegalStateException when the engine has gone
     */
    EventLoops loops(String name, int count, Consumer<Throwable> failures);
}

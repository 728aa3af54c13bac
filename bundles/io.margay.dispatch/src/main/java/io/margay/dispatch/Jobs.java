// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.engine.EventLoop;
import java.util.Optional;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/** The unfinished requests of one loop; used on that loop. */
@ProviderType
public interface Jobs {

    /** Where they live. */
    EventLoop engine();

    /** The number of the loop. */
    int index();

    /** The request of that number. */
    Optional<Job> find(int id);

    /** Runs the action for each request; it may finish any. */
    void forEach(Consumer<Job> action);
}

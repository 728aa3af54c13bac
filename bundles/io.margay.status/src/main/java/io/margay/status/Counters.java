// SPDX-License-Identifier: Apache-2.0
package io.margay.status;

import java.util.concurrent.atomic.LongAdder;
import org.osgi.annotation.versioning.ProviderType;

/** Named numbers that only grow, a service; shown by the inspector {@code counters}. Safe for all threads. */
@ProviderType
public interface Counters {

    /** How many there may be: names must not come from outside. */
    int MOST = 1000;

    /**
     * The counter of a name, made when it is asked for the first time: to be taken once, not for each event.
     *
     * @throws IllegalStateException when there are {@value #MOST} others
     */
    LongAdder counter(String name);
}

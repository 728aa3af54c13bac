// SPDX-License-Identifier: Apache-2.0
package io.margay.status;

import io.margay.conf.Conf;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Service: has something to tell the process that takes the place of this one, such as counters that are not to begin
 * anew. Called on the control thread of the process; must not wait.
 */
@ConsumerType
public interface Handover {

    /** Who tells it, and who takes it in the next process; the first service of a name wins. */
    String name();

    /**
     * What the next process has not been told yet: asked for when the place is given up, then every few seconds while
     * this process finishes what it has begun, and at its end. What is given may get lost.
     *
     * @return empty when there is nothing new
     */
    Optional<Conf> give();

    /** What the process before this one has given, any number of times; it comes from outside and is to be checked. */
    void take(Conf given);
}

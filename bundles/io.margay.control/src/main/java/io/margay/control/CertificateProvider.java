// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.conf.ConfObject;
import java.util.Set;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Service: gets certificates that nobody uploads. A configuration may name them before they are there: what the
 * provider gives at once serves until then. All methods are called on the loop of the control socket and MUST not
 * block.
 */
@ConsumerType
public interface CertificateProvider {

    /**
     * The names of the certificates that it would get.
     *
     * @param configuration a whole one, of which nothing is known yet but that it is JSON
     */
    Set<String> names(ConfObject configuration);

    /**
     * What serves under a name that nothing is stored under, before the configuration comes into force.
     *
     * @param name one of {@link #names}
     * @return a chain and its key in PEM
     */
    byte[] placeholder(ConfObject configuration, String name);

    /**
     * Whether it needs what is stored under a name, so that nobody may delete it; what listeners and targets name is
     * known without it.
     *
     * @param configuration a whole one, which is or may come into force
     */
    default boolean uses(ConfObject configuration, String name) {
        return false;
    }

    /** Another configuration is in force, or the same once more. */
    void inForce(ConfObject configuration);
}

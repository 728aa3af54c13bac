// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Tells what a process is. The process bundle's table implements it.
 *
 * @param <R> the kinds of processes: an enum, names, or whatever has equality
 */
@ConsumerType
public interface RoleLookup<R> {

    /**
     * The role of a process.
     *
     * @param pid global pid as the kernel told it
     * @return empty for a process that is not registered
     */
    Optional<R> role(int pid);

    /**
     * Whether any process of a role is registered.
     *
     * @param role the role
     */
    boolean present(R role);
}

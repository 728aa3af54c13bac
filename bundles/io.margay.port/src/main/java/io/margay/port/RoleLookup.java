// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import org.osgi.annotation.versioning.ConsumerType;

/** Tells what a process may send. The process bundle's table implements it. */
@ConsumerType
public interface RoleLookup {

    /**
     * Whether a process is registered.
     *
     * @param pid global pid as the kernel told it
     */
    boolean known(int pid);

    /**
     * Whether a process is registered and of a kind that may send a type of message to this one.
     *
     * @param pid global pid as the kernel told it
     * @param type number of {@link MessageType}
     */
    boolean maySend(int pid, int type);

    /**
     * Whether any process is registered that may send a type of message to this one.
     *
     * @param type number of {@link MessageType}
     */
    boolean present(int type);
}

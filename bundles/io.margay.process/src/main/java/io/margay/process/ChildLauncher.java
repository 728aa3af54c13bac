// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.posix.Processes;
import io.margay.posix.SpawnSpec;
import org.osgi.annotation.versioning.ConsumerType;

/** Starts a program as a child of this process; main may route it through the start runner. */
@ConsumerType
@FunctionalInterface
public interface ChildLauncher {

    /** The plain way, by posix_spawn(3). */
    ChildLauncher SPAWN = Processes::spawn;

    /**
     * Starts a child.
     *
     * @param spec what to start; its descriptors stay the caller's
     * @return the global pid
     * @throws RuntimeException when it cannot be started, with the reason
     */
    int launch(SpawnSpec spec);
}

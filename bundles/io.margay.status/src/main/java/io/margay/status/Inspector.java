// SPDX-License-Identifier: Apache-2.0
package io.margay.status;

import io.margay.conf.Conf;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Shows one side of a process, at {@code /control/inspect/<process>/<name>}. A service, in whatever process has it.
 */
@ConsumerType
public interface Inspector {

    /** How many entries of a list are shown; an inspector with more says how many it left out. */
    int MOST = 1000;

    /** The last part of the path: lower-case letters and digits. The first service of a name wins. */
    String name();

    /** What is so now. Called on any thread, also on several at once; must not wait for anything. */
    Conf dump();
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.log.ErrorLog;
import java.util.List;

/**
 * Descriptors that the JDK opens once and keeps: those of its random numbers, which the TLS library asks for, and the
 * socket by which it ends blocked calls. Opened at the start, so that what is open afterwards tells of work only.
 */
final class KeptDescriptors {
    /** Initialising these opens them, and costs a hundredth of what using them would. */
    private static final List<String> OWNERS =
        List.of("sun.security.provider.NativePRNG", "sun.nio.ch.UnixDispatcher");

    private KeptDescriptors() {
    }

    static void open(ErrorLog log) {
        for (String owner : OWNERS) {
            try {
                Class.forName(owner, true, null);
            } catch (ClassNotFoundException | LinkageError e) {
                log.info("this JVM has no " + owner + ": the first use of TLS will open its descriptors");
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.engine.EventLoop;
import java.util.function.IntConsumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What concerns the JVM as a whole. A JVM that somebody else started, for purposes of their own, keeps its title, its
 * signals and its standard error.
 */
@ProviderType
public interface HostProcess {

    /** {@return whether this JVM is ours alone} */
    boolean ours();

    /** Sets the title of the process, as {@code ps} shows it. */
    void title(String title);

    /**
     * Begins to watch signals, until the result is closed on the loop.
     *
     * @param handler gets each signal's number on the loop
     */
    AutoCloseable signals(EventLoop loop, IntConsumer handler, int... signals);
}

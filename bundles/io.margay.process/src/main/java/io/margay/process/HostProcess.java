// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.engine.EventLoop;
import java.util.function.IntConsumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What concerns the JVM as a whole: signals, standard error, title, umask. A JVM that somebody else started, for
 * purposes of their own, keeps all of these: there the server is a guest, which logs to a descriptor of its own, learns
 * of the death of its children without a signal, and is ended by who runs the container.
 */
@ProviderType
public interface HostProcess {

    /** The descriptor of standard error. */
    int STANDARD_ERROR = 2;

    /** {@return whether this JVM is ours alone} Only then is its standard error the log, and its end the server's. */
    boolean ours();

    /** Sets the title of the process, as {@code ps} shows it; without effect in a JVM that is not ours. */
    void title(String title);

    /**
     * Begins to watch signals, until the result is closed on the loop. None ever comes in a JVM that is not ours.
     *
     * @param handler gets each signal's number on the loop
     */
    AutoCloseable signals(EventLoop loop, IntConsumer handler, int... signals);

    /**
     * {@return the descriptor of the log, which children get as their standard error} Its number stays the same when
     * another file takes its place.
     */
    int log();
}

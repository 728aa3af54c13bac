// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A kind of process, as a service of its bundle. The bundle also names the file with its data in the header
 * {@value #HEADER}, so that main knows kinds whose bundle is only installed there.
 *
 * <p>Components must be inert until {@link #start}: in a framework of somebody else that may never come.
 */
@ConsumerType
public interface ProcessKind {

    /** The bundle header with the absolute name of the data file, without the first slash. */
    String HEADER = "Margay-Process";

    /** The service property with the name of the kind: one that is not wanted is not made then. */
    String NAME = "margay.kind";

    /** {@return what kind it is} The same value at each call. */
    ProcessType type();

    /**
     * Starts the work of the process, in a JVM that is for this kind. Called on the main thread after every bundle of
     * the feature is active; returns when the process runs, which it then does on threads of its own.
     *
     * @param context how the process was started
     * @throws Exception when the process cannot start: the message is for the administrator
     */
    default void start(ProcessContext context) throws Exception {
        throw new IllegalStateException("a process of kind \"" + type() + "\" is no JVM");
    }

    /**
     * Ends the work and gives back what {@link #start} took: threads, sockets, children, descriptors. Called at most
     * once; returns when all is given back, within a deadline.
     */
    default void stop() {
    }
}

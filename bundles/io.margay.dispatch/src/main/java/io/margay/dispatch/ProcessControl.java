// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.lang.AppSpec;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * How wires order processes. Methods are called on the pool's home loop and do not block
 * and do not throw: an order to a process that has gone meanwhile is dropped. What happens to
 * the processes is told by {@link AppPool#workerGone} and {@link AppPool#prototypeGone}.
 */
@ConsumerType
public interface ProcessControl {

    /** A descriptor under the name by which the language announces it to the process. */
    record Descriptor(String name, int number) {
    }

    /**
     * Starts a prototype, or, for a language without prototypes, a worker. The descriptors stay the wire's, and are
     * open until the stage is complete.
     *
     * <p>A worker that was started so is ready as soon as its program was executed: whether it serves, the wire finds
     * out. Its death is told by {@link AppPool#workerGone} with start 0, behind the completion of this stage; of one
     * that could not be started only this stage tells.
     *
     * @param app the application
     * @param descriptors what the process inherits, at most 16, with names of their own
     * @return completed on any thread with the pid when the process is ready as far as main can tell, or exceptionally
     */
    CompletionStage<Integer> startPrototype(AppSpec app, List<Descriptor> descriptors);

    /**
     * Sends START_PROCESS to a prototype.
     *
     * @param prototype its pid
     * @param stream names this start in later events; unique among the pools, not 0
     * @param payload what the prototype has to know
     */
    void startWorker(int prototype, int stream, byte[] payload);

    /**
     * Tells a worker that was started without a prototype to leave, by SIGTERM. A control without this way ends it.
     *
     * @param process its pid
     */
    default void stop(int process) {
        killWorker(Optional.empty(), process);
    }

    /** Tells a prototype to stop one of its workers when that has finished its request. */
    void quitWorker(int prototype, int worker);

    /**
     * Ends a process of an application at once.
     *
     * @param prototype the one that it was forked by, if that still is there
     * @param process its pid
     */
    void killWorker(Optional<Integer> prototype, int process);

    /**
     * Tells a prototype to kill a worker that has not become ready; one that has meanwhile is left alone.
     *
     * @param prototype its pid
     * @param stream of the worker's start
     */
    void killStart(int prototype, int stream);

    /** Tells a prototype to stop its workers likewise and to leave after them. */
    void quitPrototype(int prototype);

    /**
     * The same for the processes of one generation: what it starts shares namespaces, where the application asks for
     * some and the language has nothing of its own that would hold them. A control without this way starts each process
     * by itself.
     */
    default ProcessControl generation() {
        return this;
    }

    /** Says of a {@link #generation} that no process of it is there or coming: what they shared is given up. */
    default void endGeneration() {
        // Nothing was shared.
    }

    /** A new stream number. */
    int nextStream();
}

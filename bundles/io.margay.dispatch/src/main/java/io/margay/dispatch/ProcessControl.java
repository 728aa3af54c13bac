// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.lang.AppSpec;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * How an {@link AppPool} orders processes. Methods are called on the pool's home loop and do not block
 * and do not throw: an order to a process that has gone meanwhile is dropped. What happens to
 * the processes is told by {@link AppPool#workerGone} and {@link AppPool#prototypeGone};
 * that a worker is ready the pool hears from the worker.
 */
@ConsumerType
public interface ProcessControl {

    /**
     * Starts a prototype. The descriptors stay the pool's, and are open until the stage is complete.
     *
     * @param app the application
     * @param request reading end of the shared request socket
     * @param slots shared memory of 4096 slots of 64 bytes
     * @param control writing end of the pool's control socket
     * @return completed on any thread with the prototype's pid when it is ready, or exceptionally
     */
    CompletionStage<Integer> startPrototype(AppSpec app, int request, int slots, int control);

    /**
     * Sends START_PROCESS to a prototype.
     *
     * @param prototype its pid
     * @param stream names this start in later events; unique among the pools, not 0
     * @param loops number of event loops, thus of reply sockets for each context
     * @param slot first slot of the worker
     */
    void startWorker(int prototype, int stream, int loops, int slot);

    /** Tells a prototype to stop one of its workers when that has finished its request. */
    void quitWorker(int prototype, int worker);

    /**
     * Tells a prototype to kill a worker that has not become ready; one that has meanwhile is left alone.
     *
     * @param prototype its pid
     * @param stream of the worker's start
     */
    void killWorker(int prototype, int stream);

    /** Tells a prototype to stop its workers likewise and to leave after them. */
    void quitPrototype(int prototype);

    /** A new stream number. */
    int nextStream();
}

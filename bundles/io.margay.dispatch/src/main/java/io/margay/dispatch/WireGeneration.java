// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * The processes of an application that belong together, and what they share; a restart makes another. Used on the home
 * loop unless stated.
 */
@ConsumerType
public interface WireGeneration extends AutoCloseable {

    /** Told of requests that workers work on. */
    @FunctionalInterface
    interface Running {
        /** A worker notes that it works on a request of the loop. */
        void running(int job, Worker worker);
    }

    /** Told of requests that came back. */
    @FunctionalInterface
    interface Returned {
        /** A request of a loop is in no queue any more. */
        void returned(int loop, int job);
    }

    /**
     * Makes a worker; it is not started yet.
     *
     * @throws WorkerStartException when there cannot be another; the message is for the log
     */
    Worker worker();

    /** The queue as a loop sees it, where workers pull; to be used on that loop. */
    default Lane lane(int loop) {
        throw new UnsupportedOperationException("requests are pushed");
    }

    /** Takes requests back that no worker has taken, oldest first, at most so many; gives how many. */
    default int takeBack(int most, Returned returned) {
        return 0;
    }

    /** Looks at what the workers say that they work on, where that is not known otherwise; on the loop. */
    default void look(int loop, Running running) {
        // Pushed requests are known to run.
    }

    /** Tells that a process is gone, with the number of the start that failed by it, or 0. */
    void processGone(int pid, int start);

    /** Tells that a prototype is gone. */
    void prototypeGone(int pid);

    /** No request comes any more: what is queued may be finished, then the processes leave. */
    void end();

    /** Whether no process is left or coming. */
    boolean isDeserted();

    /** Gives everything back; nobody uses it any more. */
    @Override
    void close();
}

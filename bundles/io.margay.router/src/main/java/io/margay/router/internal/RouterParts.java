// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfObject;
import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;

/**
 * What a configuration is made of and with.
 *
 * @param control the control loop
 * @param loops the loops that serve clients
 * @param sockets opens listeners
 * @param certificates makes the TLS of listeners
 * @param pools the pools of applications
 * @param routes compiles routes
 * @param log takes what an administrator has to know
 * @param temporaryDirectory for request bodies
 * @param processors CPUs that this process may use
 */
record RouterParts(EventLoop control, Loops loops, ListenerSockets sockets, Certificates certificates,
                   RouterPools pools, RouteMaker routes, ErrorLog log, String temporaryDirectory, int processors) {

    /** A router with more threads than this many times the processors is a mistake. */
    static final int MOST_THREADS_EACH = 8;

    /**
     * Threads that accept connections by a configuration.
     *
     * @throws ApplyException when they are too many: each has descriptors and memory of its own
     */
    int threads(ConfObject conf) {
        long threads = conf.object("settings").orElse(ConfObject.EMPTY).integer("listen_threads", processors);
        if (threads < 1 || threads > (long) processors * MOST_THREADS_EACH) {
            throw new ApplyException("\"listen_threads\" is " + threads + "; on " + processors
                + " processors it may be 1 to " + (long) processors * MOST_THREADS_EACH);
        }
        return (int) threads;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import org.osgi.annotation.versioning.ConsumerType;

/** A queue that workers pull from, as one loop sees it. Used on that loop. */
@ConsumerType
public interface Lane {

    /** What became of an offer. */
    enum Offer {
        /** It is in the queue. */
        QUEUED,
        /** There is no room now. */
        FULL,
        /** It cannot be sent at all; the reason is logged. */
        REFUSED
    }

    /** Puts a request into the queue, or does nothing. */
    Offer offer(Job job);

    /** A queued request is not wanted any more; the worker that takes it is to pass it over. */
    void cancel(Job job);

    /** Calls back whenever there is room, until {@link #idle}. */
    void awaitRoom(Runnable room);

    /** Nobody waits for room. */
    void idle();

    /** The loop does not use it any more. */
    void leave();
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

/** A request that the application has not finished; lives on one loop. */
final class Outstanding {

    final int stream;
    final AppRequest request;
    /** The socket that answers; none until the first answer tells who took the request. */
    ReplySocket reply;
    boolean headSent;
    /** Whether it waits in this process for room in the request socket. */
    boolean pending;
    /** Place in the order in which this loop wrote its requests into the socket. */
    long order;
    /** {@link System#nanoTime} when it was seen taken, or of the last response part; 0 while it is queued. */
    long sinceNanos;

    Outstanding(int stream, AppRequest request) {
        this.stream = stream;
        this.request = request;
    }

    /** Ends the request without a response of the application. */
    void fail() {
        if (headSent) {
            request.abort();
        } else {
            request.fail(503);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

/** What a connection to a server is at. */
enum LinkPhase {
    /** It waits for a request. */
    IDLE(""),
    /** It is being made. */
    CONNECTING("not in time"),
    /** A request is on its way. */
    SENDING("took no more of a request in time"),
    /** The server has all of the request. */
    WAITING("did not answer in time"),
    /** The answer has begun. */
    READING("sent no more of an answer in time"),
    /** It is a WebSocket. */
    SOCKET("");

    private final String late;

    LinkPhase(String late) {
        this.late = late;
    }

    /** What is said of a server when it takes too long. */
    String late() {
        return late;
    }
}

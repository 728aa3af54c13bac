// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.telemetry;

import java.io.IOException;

/** Brings spans to a collector. Called on one thread, which it may hold up for its timeouts. */
@FunctionalInterface
interface Sender {

    /**
     * Sends a whole request.
     *
     * @param millis how long connecting and each wait for the answer may take
     * @throws IOException when the collector did not take it; the message is the reason
     */
    void send(byte[] request, int millis) throws IOException;
}

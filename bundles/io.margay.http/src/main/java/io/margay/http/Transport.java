// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

/**
 * What is below the HTTP of a connection. A connection is plain until the layer that makes it something else fires the
 * value as a user event through the pipeline, on the loop of the connection.
 */
public enum Transport {
    /** Bytes go to the socket as they are. */
    PLAIN,
    /** Nothing can be sent or received yet. */
    HANDSHAKE,
    /** TLS. */
    TLS
}

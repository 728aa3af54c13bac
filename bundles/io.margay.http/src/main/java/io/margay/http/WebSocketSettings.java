// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

/**
 * The options of {@code settings/http/websocket} ({@code spec/routing.md §12}).
 *
 * @param maxFrameSize longest frame of a client with its header, bytes
 * @param readTimeout longest gap between two reads from a client, seconds; 0 none
 * @param keepAlive silence of a client after which it is asked once whether it is there, seconds; 0 never
 * @param compression whether messages are compressed for clients that offer it (RFC 7692)
 * @param contextTakeover whether compressed messages may refer to those before them
 */
public record WebSocketSettings(int maxFrameSize, int readTimeout, int keepAlive, boolean compression,
        boolean contextTakeover) {

    /** The values in force when nothing is configured. */
    public static final WebSocketSettings DEFAULTS = new WebSocketSettings(1 << 20, 60, 30, false, false);
}

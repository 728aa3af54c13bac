// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

/**
 * What a client of the control socket may take.
 *
 * @param headerBytes request line and header fields together
 * @param bodyBytes the content of a request
 * @param totalBytes contents being received and replies being sent, each of all connections together
 * @param connections at the same time
 * @param headerMillis for the whole head
 * @param readMillis between two pieces of the content
 * @param sendMillis for the reply to move on
 */
public record ControlLimits(int headerBytes, int bodyBytes, long totalBytes, int connections, long headerMillis,
        long readMillis, long sendMillis) {

    /** 16 KiB, 8 MiB, 12 MiB, 512 connections; 300, 60 and 60 seconds. The heap of the process is made for that. */
    public static final ControlLimits DEFAULT =
        new ControlLimits(16 << 10, 8 << 20, 12L << 20, 512, 300_000, 60_000, 60_000);
}

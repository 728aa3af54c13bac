// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

/**
 * What a client of the control socket may take.
 *
 * @param headerBytes request line and header fields together
 * @param bodyBytes the content of a request
 * @param totalBytes contents being received, of all connections together
 * @param connections at the same time
 * @param headerMillis for the whole head
 * @param readMillis between two pieces of the content
 * @param sendMillis for the reply to move on
 */
public record ControlLimits(int headerBytes, int bodyBytes, long totalBytes, int connections, long headerMillis,
        long readMillis, long sendMillis) {

    /** 16 KiB, 64 MiB, 128 MiB, 512 connections; 300, 60 and 60 seconds. */
    public static final ControlLimits DEFAULT =
        new ControlLimits(16 << 10, 64 << 20, 128L << 20, 512, 300_000, 60_000, 60_000);
}

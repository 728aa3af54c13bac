// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

/**
 * The options of {@code settings/http} that the HTTP plane itself obeys (spec/http.md §1), immutable.
 *
 * @param headerReadTimeout deadline for a whole request head, seconds; 0 none
 * @param bodyReadTimeout longest gap between two reads of a body, seconds; 0 none
 * @param sendTimeout longest gap between two writes that make progress, seconds; 0 none
 * @param idleTimeout wait for the first byte of a request, seconds; 0 none
 * @param largeHeaderBufferSize bytes of one extra head buffer
 * @param largeHeaderBuffers extra head buffers that one request may use
 * @param bodyBufferSize bodies up to this many bytes stay in memory
 * @param maxBodySize longest body, bytes; 0 allows none
 * @param bodyTempPath directory of body files
 * @param discardUnsafeFields whether fields with unusual names are dropped
 * @param chunkedTransform whether chunked request bodies are accepted
 * @param serverVersion whether {@code Server} carries the version
 * @param logRoute whether the routing of each request is logged
 */
public record HttpSettings(int headerReadTimeout, int bodyReadTimeout, int sendTimeout, int idleTimeout,
                           int largeHeaderBufferSize, int largeHeaderBuffers, int bodyBufferSize, long maxBodySize,
                           String bodyTempPath, boolean discardUnsafeFields, boolean chunkedTransform,
                           boolean serverVersion, boolean logRoute) {

    /** The values in force when nothing is configured. */
    public static final HttpSettings DEFAULTS =
        new HttpSettings(30, 30, 30, 30, 8192, 4, 16384, 8388608, "/tmp", true, false, true, false);
}

// SPDX-License-Identifier: Apache-2.0

/**
 * HTTP/1.1 as a client speaks it: how a response is taken apart ({@link io.margay.http.client.ReplyParser}), and what a
 * request names as its target. Shared by the wire to programs that serve HTTP themselves and by the proxy.
 *
 * <p>No method takes or returns null.
 */
@Export
@Version("1.0.0")
package io.margay.http.client;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

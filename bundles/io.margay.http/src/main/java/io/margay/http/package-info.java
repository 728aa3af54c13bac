// SPDX-License-Identifier: Apache-2.0

/**
 * Requests and responses whatever protocol they travel by: {@link io.margay.http.Exchange} with
 * {@link io.margay.http.Request}, filters of the response, timings; what protocols ({@link io.margay.http.Protocol})
 * share on one loop; and the gate through which requests enter a configuration.
 *
 * <p>Channels, buffers and event loops are Netty's. No method takes or returns null.
 */
@Export
@Version("1.2.0")
package io.margay.http;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

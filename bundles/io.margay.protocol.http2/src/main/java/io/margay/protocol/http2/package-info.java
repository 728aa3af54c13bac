// SPDX-License-Identifier: Apache-2.0

/**
 * HTTP/2 (RFC 9113) as a {@link io.margay.http.Protocol} service, on the frames of Netty's codec. Nothing of that codec
 * is loaded before the first client speaks it.
 *
 * <p>All but the service is used on the loop of the connection. No method takes or returns null.
 */
package io.margay.protocol.http2;

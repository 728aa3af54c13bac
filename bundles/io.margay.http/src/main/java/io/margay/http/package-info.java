// SPDX-License-Identifier: Apache-2.0

/**
 * HTTP/1.0 and HTTP/1.1 to one neutral {@link io.margay.http.Exchange}.
 *
 * <p>Channels, buffers and event loops are Netty's. The request head is read by {@code HeadParser} and not by
 * Netty's {@code HttpServerCodec}, because the bytes that spec/http.md accepts and refuses cannot be had from it: its
 * split of the request line is private and ends the target at the first space, folded lines are joined instead of
 * refused, unusual field names cannot be dropped, and its size limits know a line and a head but not the buffers of
 * §5.3. The own parser also keeps the head as one array with offsets, which applications get without a copy.
 *
 * <p>No method takes or returns null.
 */
@Export
@Version("1.0.0")
package io.margay.http;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

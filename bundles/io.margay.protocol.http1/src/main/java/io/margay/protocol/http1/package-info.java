// SPDX-License-Identifier: Apache-2.0

/**
 * HTTP/1.0 and HTTP/1.1.
 *
 * <p>The request head is read by {@code HeadParser} and not by Netty's {@code HttpServerCodec}, because the bytes that
 * spec/http.md accepts and refuses cannot be had from it: its split of the request line is private and ends the target
 * at the first space, folded lines are joined instead of refused, unusual field names cannot be dropped, and its size
 * limits know a line and a head but not the buffers of §5.3. The own parser also keeps the head as one array with
 * offsets, which applications get without a copy.
 *
 * <p>Exports nothing, so that the protocol can be replaced alone.
 */
package io.margay.protocol.http1;

// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

/**
 * Another protocol for a connection whose client has asked for it by a request of HTTP/1.1 (RFC 9110 §7.8).
 *
 * @param token what 101 is to call it
 * @param begin adds the handlers of that protocol to the end of the pipeline, and has the request answered; to be run
 *     at most once, on the loop, when 101 was sent
 */
public record ProtocolChange(String token, Runnable begin) {
}

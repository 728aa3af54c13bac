// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

/**
 * A request to the control API.
 *
 * @param method as received
 * @param target the request target as received, not decoded
 * @param body the content; owned by the receiver
 * @param peer who asks, for the log
 */
public record Request(String method, String target, byte[] body, String peer) {
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

/**
 * A request to the control API.
 *
 * @param method as received
 * @param target the request target as received, not decoded
 * @param headers the header fields
 * @param body the content; owned by the receiver
 * @param peer who asks
 */
public record Request(String method, String target, RequestHeaders headers, byte[] body, ControlPeer peer) {

    /** The parameters of the target. */
    public RequestQuery query() {
        return RequestQuery.of(target);
    }
}

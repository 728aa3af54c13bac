// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import java.util.List;

/**
 * A request to the control API.
 *
 * @param method as received
 * @param target the request target as received, not decoded
 * @param headers the header fields
 * @param body the content; owned by the receiver
 * @param peer who asks
 */
public record ControlRequest(String method, String target, RequestHeaders headers, byte[] body, ControlPeer peer) {

    /** The target without its query and fragment, not decoded. */
    public String path() {
        int end = 0;
        while (end < target.length() && target.charAt(end) != '?' && target.charAt(end) != '#') {
            end++;
        }
        return target.substring(0, end);
    }

    /** The same as {@link #target} tells, decoded; without segments when it is no path. */
    public ControlPath place() {
        return ControlPath.parse(target).orElseGet(() -> new ControlPath(List.of()));
    }

    /** The parameters of the target. */
    public RequestQuery query() {
        return RequestQuery.of(target);
    }
}

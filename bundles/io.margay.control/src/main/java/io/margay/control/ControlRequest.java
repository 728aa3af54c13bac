// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.posix.Fd;
import java.util.List;
import java.util.Optional;

/**
 * A request to the control API.
 *
 * @param method as received
 * @param target the request target as received, not decoded
 * @param headers the header fields
 * @param body the content; owned by the receiver
 * @param peer who asks
 * @param large the content in sealed memory instead, where a resource takes that; it is closed when the request is
 *     answered
 */
public record ControlRequest(String method, String target, RequestHeaders headers, byte[] body, ControlPeer peer,
        Optional<Fd> large) {

    /** A request whose content is bytes. */
    public ControlRequest(String method, String target, RequestHeaders headers, byte[] body, ControlPeer peer) {
        this(method, target, headers, body, peer, Optional.empty());
    }

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

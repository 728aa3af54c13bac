// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.util.Optional;

/**
 * Why a request got no good answer.
 *
 * @param kind what happened
 * @param message the error message of the peer; valid while the handler runs, empty for every other kind
 */
public record RpcFailure(Kind kind, Optional<Message> message) {

    /** The ways in which a request ends badly. */
    public enum Kind {
        /** The peer answered with an error. */
        ERROR,
        /** The deadline has passed. */
        DEADLINE,
        /** The peer's process is gone. */
        PEER_GONE,
        /** The own process gave it up. */
        CANCELLED
    }

    /** The peer's reason as text, empty when it gave none. */
    public String text() {
        return message.map(Message::text).orElse("");
    }

    static RpcFailure of(Kind kind) {
        return new RpcFailure(kind, Optional.empty());
    }
}

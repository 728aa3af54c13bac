// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.margay.http.ConnectionEnds;
import io.margay.http.PeerAddress;
import io.margay.http.TlsInfo;
import io.netty.channel.Channel;
import java.util.Optional;

/** Both ends of a connection, each known as soon as somebody asks. */
final class SessionEnds {
    private final Channel channel;
    private Optional<PeerAddress> remote = Optional.empty();
    private Optional<PeerAddress> local = Optional.empty();

    SessionEnds(Channel channel) {
        this.channel = channel;
    }

    PeerAddress remote() {
        if (remote.isEmpty()) {
            remote = Optional.of(ConnectionEnds.remote(channel));
        }
        return remote.get();
    }

    PeerAddress local() {
        if (local.isEmpty()) {
            local = Optional.of(ConnectionEnds.local(channel));
        }
        return local.get();
    }

    /** What was agreed with TLS; empty without it. */
    Optional<TlsInfo> handshake() {
        return TlsInfo.of(channel);
    }
}

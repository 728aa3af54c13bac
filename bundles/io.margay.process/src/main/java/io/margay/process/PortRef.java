// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.port.Peer;
import java.util.Optional;

/**
 * A port of a known process. Workers of some wires have no port that others write to; then the peer is empty and the
 * reference only tells that the process exists.
 *
 * @param pid global pid of the owner
 * @param id number of the port in its process
 * @param type kind of the owner
 * @param peer the writing end that this process holds
 */
public record PortRef(int pid, int id, ProcessType type, Optional<Peer> peer) {

    void close() {
        peer.ifPresent(Peer::close);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.forwarded;

import io.margay.http.PeerAddress;
import io.margay.posix.Address;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Reads the address of a client as proxies write it: with or without a port, IPv6 with a port in brackets. */
final class ClientAddress {
    /** Stands for a port that was not given, since addresses of sockets have one. */
    private static final String PORT = ":1";
    /** No address with a port is longer. */
    private static final int LONGEST = 64;

    private ClientAddress() {
    }

    /** The address; empty if the text is none, or one that no client has. */
    static Optional<PeerAddress> parse(String text) {
        if (text.length() > LONGEST || text.startsWith("unix:") || text.startsWith("*")) {
            return Optional.empty();
        }
        boolean brackets = text.startsWith("[");
        boolean bare = !brackets && text.indexOf(':') != text.lastIndexOf(':');
        boolean port = brackets ? !text.endsWith("]") : !bare && text.indexOf(':') >= 0;
        return Address.tryParse(port ? text : (bare ? "[" + text + "]" : text) + PORT)
            .flatMap(address -> peer(address, port ? address.port() : 0));
    }

    private static Optional<PeerAddress> peer(Address address, int port) {
        return switch (address) {
            case Address.Ip4 ip when ip.address() != 0 ->
                Optional.of(new PeerAddress(ByteBuffer.allocate(4).putInt(ip.address()).array(), port, ip.host()));
            case Address.Ip6 ip when ip.high() != 0 || ip.low() != 0 -> Optional.of(new PeerAddress(
                ByteBuffer.allocate(16).putLong(ip.high()).putLong(ip.low()).array(), port, ip.host()));
            default -> Optional.empty();
        };
    }
}

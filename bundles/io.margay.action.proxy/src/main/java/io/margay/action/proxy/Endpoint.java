// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.posix.Address;
import io.margay.posix.HostPort;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * A server as connections see it: connections to equal ones serve all that forward there.
 *
 * @param address {@code A.B.C.D:PORT}, {@code [IPv6]:PORT}, {@code unix:PATH} or {@code NAME:PORT}
 * @param tls how TLS is spoken there, if it is
 * @param fastCgi whether it speaks FastCGI, not HTTP
 * @param http2 whether HTTP/2 is spoken to a server that knows it: as it says by TLS, or in any case without TLS
 * @param resolvers whom to ask for the address of a name; those of the system if empty
 */
record Endpoint(String address, Optional<TlsTarget> tls, boolean fastCgi, boolean http2,
    List<InetSocketAddress> resolvers) {

    /** One without TLS. */
    Endpoint(String address) {
        this(address, Optional.empty(), false, false, List.of());
    }

    /** Whether a text is an address. */
    static boolean isAddress(String text) {
        return Address.tryParse(text).isPresent() || HostPort.tryParse(text).isPresent();
    }

    /** The name to look up, if the address has one. */
    Optional<HostPort> name() {
        return Address.tryParse(address).isPresent() ? Optional.empty() : HostPort.tryParse(address);
    }

    /** Where to connect, when no name is to be looked up. */
    SocketAddress socket() {
        return socket(address);
    }

    /** The name servers that a configuration names; none if it names none. */
    static List<InetSocketAddress> resolvers(ConfObject conf) {
        List<Conf> values = conf.get("resolver").map(value -> value instanceof ConfArray all ? all.elements()
            : List.of(value)).orElse(List.of());
        return values.stream().map(value -> (InetSocketAddress) socket(((ConfString) value).value())).toList();
    }

    private static SocketAddress socket(String address) {
        return switch (Address.parse(address)) {
            case Address.Unix unix -> new DomainSocketAddress(unix.isAbstract() ? "\0" + unix.path().substring(1)
                : unix.path());
            case Address.Ip4 ip -> inet(ByteBuffer.allocate(4).putInt(ip.address()), ip.port());
            case Address.Ip6 ip -> inet(ByteBuffer.allocate(16).putLong(ip.high()).putLong(ip.low()), ip.port());
            case Address.Other other -> throw new IllegalStateException(other.text());
        };
    }

    /** What a server must prove to be: the name that is configured, or that of the address; empty for Unix sockets. */
    String peer() {
        return tls.flatMap(TlsTarget::serverName).or(() -> name().map(HostPort::host)).orElseGet(() ->
            socket() instanceof InetSocketAddress inet ? inet.getAddress().getHostAddress() : "");
    }

    private static InetSocketAddress inet(ByteBuffer bytes, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes.array()), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}

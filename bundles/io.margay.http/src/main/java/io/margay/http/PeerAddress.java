// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.posix.Address;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One end of a connection as requests see it (spec/http.md §14), immutable.
 *
 * @param ip the 4 or 16 address bytes in network order; empty for Unix sockets. Not to be changed.
 * @param port the port; 0 for Unix sockets
 * @param text the address without port in the notation of Unit, {@code unix:} for Unix sockets
 */
public record PeerAddress(byte[] ip, int port, String text) {
    private static final PeerAddress UNIX = new PeerAddress(new byte[0], 0, "unix:");

    /** The address of a socket; Unix sockets are {@code unix:} followed by their path, if they have one. */
    public static PeerAddress of(SocketAddress address) {
        if (address instanceof DomainSocketAddress unix) {
            return new PeerAddress(UNIX.ip, 0, "unix:" + unix.path());
        }
        if (!(address instanceof InetSocketAddress inet) || inet.getAddress() == null) {
            return UNIX;
        }
        InetAddress host = inet.getAddress();
        byte[] ip = host.getAddress();
        return new PeerAddress(ip, inet.getPort(), text(ip));
    }

    /** Whether this is a Unix socket. */
    public boolean isUnix() {
        return ip.length == 0;
    }

    /** {@link #text()} in bytes. */
    public byte[] bytes() {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] ip) {
        ByteBuffer bytes = ByteBuffer.wrap(ip);
        return ip.length == 4 ? new Address.Ip4(bytes.getInt(), 0).host()
            : new Address.Ip6(bytes.getLong(), bytes.getLong(), 0, 0).host();
    }
}

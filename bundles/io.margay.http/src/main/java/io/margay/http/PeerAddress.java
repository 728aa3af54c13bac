// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.posix.Address;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * One end of a connection as requests see it ({@code spec/http.md §14}), immutable. Its texts are made once, for all
 * requests of the connection.
 */
public final class PeerAddress {
    private static final PeerAddress UNIX = new PeerAddress(new byte[0], 0, "unix:");

    private final byte[] ip;
    private final int port;
    private final AsciiString text;
    private final AsciiString portText;

    /**
     * An address.
     *
     * @param ip the 4 or 16 address bytes in network order; empty for Unix sockets. Taken over
     * @param port the port; 0 for Unix sockets
     * @param text the address without port in the notation of Unit, {@code unix:} for Unix sockets
     */
    public PeerAddress(byte[] ip, int port, String text) {
        this.ip = ip;
        this.port = port;
        this.text = new AsciiString(text);
        this.portText = ip.length == 0 ? AsciiString.EMPTY_STRING : AsciiString.of(Integer.toString(port));
    }

    /** An address of 4 or 16 bytes in network order, which are taken over, and a port. */
    public static PeerAddress of(byte[] ip, int port) {
        return new PeerAddress(ip, port, text(ip));
    }

    /** The address of a socket; Unix sockets are {@code unix:} followed by their path, if they have one. */
    public static PeerAddress of(SocketAddress address) {
        if (address instanceof DomainSocketAddress unix) {
            return new PeerAddress(UNIX.ip, 0, "unix:" + unix.path());
        }
        if (!(address instanceof InetSocketAddress inet) || inet.getAddress() == null) {
            return UNIX;
        }
        InetAddress host = inet.getAddress();
        return of(host.getAddress(), inet.getPort());
    }

    /** Whether this is a Unix socket. */
    public boolean isUnix() {
        return ip.length == 0;
    }

    /** The 4 or 16 address bytes in network order; empty for Unix sockets. Not to be changed. */
    public byte[] ip() {
        return ip;
    }

    /** The port; 0 for Unix sockets. */
    public int port() {
        return port;
    }

    /** The address without port in the notation of Unit, {@code unix:} and the path for Unix sockets. */
    public AsciiString text() {
        return text;
    }

    /** The port in digits; empty for Unix sockets. */
    public AsciiString portText() {
        return portText;
    }

    private static String text(byte[] ip) {
        ByteBuffer bytes = ByteBuffer.wrap(ip);
        return ip.length == 4 ? new Address.Ip4(bytes.getInt(), 0).host()
            : new Address.Ip6(bytes.getLong(), bytes.getLong(), 0, 0).host();
    }
}

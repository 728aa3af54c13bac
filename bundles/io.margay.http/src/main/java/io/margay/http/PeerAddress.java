// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.channel.unix.DomainSocketAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
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
        return new PeerAddress(ip, inet.getPort(), host instanceof Inet6Address ? ipv6(ip) : ipv4(ip, 0));
    }

    /** Whether this is a Unix socket. */
    public boolean isUnix() {
        return ip.length == 0;
    }

    /** {@link #text()} in bytes. */
    public byte[] bytes() {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String ipv4(byte[] a, int at) {
        return (a[at] & 0xff) + "." + (a[at + 1] & 0xff) + "." + (a[at + 2] & 0xff) + "." + (a[at + 3] & 0xff);
    }

    private static String ipv6(byte[] a) {
        int[] groups = new int[8];
        int best = -1;
        int bestLength = 0;
        int start = -1;
        for (int i = 0; i < 8; i++) {
            groups[i] = (a[2 * i] & 0xff) << 8 | a[2 * i + 1] & 0xff;
            start = groups[i] != 0 ? -1 : start < 0 ? i : start;
            if (start >= 0 && i + 1 - start > bestLength) {
                best = start;
                bestLength = i + 1 - start;
            }
        }
        if (best == 0 && (bestLength == 6 || bestLength == 5 && groups[5] == 0xffff)) {
            return (bestLength == 6 ? "::" : "::ffff:") + ipv4(a, 12);
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == best) {
                text.append("::");
                i += bestLength - 1;
                continue;
            }
            if (i > 0 && i != best + bestLength) {
                text.append(':');
            }
            text.append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}

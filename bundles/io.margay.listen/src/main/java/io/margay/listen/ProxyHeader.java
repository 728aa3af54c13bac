// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.http.PeerAddress;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a proxy tells of a connection before its first byte: the PROXY protocol, version 1 (a line) or 2 (binary), by
 * its specification of 2020. Every byte may be hostile.
 *
 * @param size of all of it, bytes
 * @param ends of the connection to the proxy; empty if it says nothing of them
 */
record ProxyHeader(int size, Optional<Ends> ends) {

    /** Both ends. */
    record Ends(PeerAddress remote, PeerAddress local) {
    }

    /** Four numbers; one that begins with 0 may be meant as octal, and is not permitted. */
    private static final String FOUR = "((0|[1-9]\\d{0,2})\\.){3}(0|[1-9]\\d{0,2})";

    /** It is no such header. */
    static final class MalformedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message);
        }
    }

    /** Longest line with its end (§2.1). */
    private static final int LONGEST_LINE = 107;
    /** Addresses of Unix sockets, and room for what else is told. */
    private static final int LONGEST = 4096;
    private static final byte[] LINE = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SIGNATURE = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
    private static final int FIXED = 16;
    private static final int LOCAL = 0x20;
    private static final int PROXY = 0x21;
    private static final int TCP4 = 0x11;
    private static final int TCP6 = 0x21;
    private static final int UNIX = 0x31;
    private static final int UNKNOWN = 0;
    private static final int UNIX_SIZE = 216;

    /**
     * Reads what has come, from the reader index on, which stays.
     *
     * @return empty while more has to come
     * @throws MalformedException when it cannot become a header any more
     */
    static Optional<ProxyHeader> read(ByteBuf in) {
        if (begins(in, SIGNATURE)) {
            return in.readableBytes() < FIXED ? Optional.empty() : binary(in);
        }
        if (begins(in, LINE)) {
            return line(in);
        }
        throw new MalformedException("no PROXY header");
    }

    private static boolean begins(ByteBuf in, byte[] with) {
        for (int i = 0; i < Math.min(with.length, in.readableBytes()); i++) {
            if (in.getByte(in.readerIndex() + i) != with[i]) {
                return false;
            }
        }
        return true;
    }

    private static Optional<ProxyHeader> line(ByteBuf in) {
        int room = Math.min(LONGEST_LINE, in.readableBytes());
        int length = in.bytesBefore(room, (byte) '\n');
        if (length < 0) {
            if (room == LONGEST_LINE) {
                throw new MalformedException("the line is too long");
            }
            return Optional.empty();
        }
        String text = in.toString(in.readerIndex(), length, StandardCharsets.ISO_8859_1);
        String[] words = text.endsWith("\r") ? text.substring(0, length - 1).split(" ", -1) : new String[0];
        if (words.length > 1 && words[1].equals("UNKNOWN")) {
            return Optional.of(new ProxyHeader(length + 1, Optional.empty()));
        }
        boolean wide = words.length == 6 && words[1].equals("TCP6");
        if (words.length != 6 || !wide && !words[1].equals("TCP4")) {
            throw new MalformedException("the line is malformed");
        }
        PeerAddress remote = PeerAddress.of(address(words[2], wide), port(words[4]));
        PeerAddress local = PeerAddress.of(address(words[3], wide), port(words[5]));
        return Optional.of(new ProxyHeader(length + 1, Optional.of(new Ends(remote, local))));
    }

    private static byte[] address(String text, boolean wide) {
        if (!text.matches(wide ? "(?=.*:.*:)[0-9a-fA-F:.]{2,45}" : FOUR)) {
            throw new MalformedException("the line has no address");
        }
        try {
            // Nothing that has this form is looked up as a name.
            byte[] ip = InetAddress.getByName(text).getAddress();
            return wide && ip.length == 4 ? mapped(ip) : ip;
        } catch (UnknownHostException e) {
            throw new MalformedException("the line has no address");
        }
    }

    /** The JDK takes the IPv4 address out of such an IPv6 address. */
    private static byte[] mapped(byte[] ip) {
        byte[] whole = new byte[16];
        whole[10] = (byte) 0xff;
        whole[11] = (byte) 0xff;
        System.arraycopy(ip, 0, whole, 12, ip.length);
        return whole;
    }

    private static int port(String text) {
        int port = text.matches("0|[1-9]\\d{0,4}") ? Integer.parseInt(text) : Integer.MAX_VALUE;
        if (port > 0xffff) {
            throw new MalformedException("the line has no port");
        }
        return port;
    }

    private static Optional<ProxyHeader> binary(ByteBuf in) {
        int at = in.readerIndex() + FIXED;
        int command = in.getUnsignedByte(at - 4);
        int family = in.getUnsignedByte(at - 3);
        int length = in.getUnsignedShort(at - 2);
        if (command != LOCAL && command != PROXY) {
            throw new MalformedException("unknown version or command " + command);
        }
        if (length > LONGEST) {
            throw new MalformedException("the header is too long");
        }
        if (in.readableBytes() < FIXED + length) {
            return Optional.empty();
        }
        return Optional.of(new ProxyHeader(FIXED + length,
            command == LOCAL ? Optional.empty() : ends(in, at, family, length)));
    }

    private static Optional<Ends> ends(ByteBuf in, int at, int family, int length) {
        int size = switch (family) {
            case TCP4 -> 4;
            case TCP6 -> 16;
            case UNIX, UNKNOWN -> 0;
            default -> throw new MalformedException("unknown kind of address " + family);
        };
        if (length < (family == UNIX ? UNIX_SIZE : size == 0 ? 0 : 2 * size + 4)) {
            throw new MalformedException("the addresses are cut");
        }
        if (size == 0) {
            return Optional.empty();
        }
        byte[] remote = new byte[size];
        byte[] local = new byte[size];
        in.getBytes(at, remote).getBytes(at + size, local);
        return Optional.of(new Ends(PeerAddress.of(remote, in.getUnsignedShort(at + 2 * size)),
            PeerAddress.of(local, in.getUnsignedShort(at + 2 * size + 2))));
    }
}

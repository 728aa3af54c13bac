// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Payload of the {@link MessageType#RPC_ERROR} that answers {@link MessageType#SOCKET}: one byte of code, then the text
 * ({@code spec/processes.md §15}).
 *
 * @param code one of the constants
 * @param text what failed; cut at 2047 bytes on the wire
 */
public record SocketError(int code, String text) {

    /** Any failure without a code of its own. */
    public static final int SYSTEM = 0;
    /** No IPv6 on this machine. */
    public static final int NOINET6 = 1;
    /** The port needs privileges. */
    public static final int PORT = 2;
    /** The address is in use. */
    public static final int INUSE = 3;
    /** The address is not of this machine. */
    public static final int NOADDR = 4;
    /** The path of a unix socket is not accessible. */
    public static final int ACCESS = 5;
    /** The path of a unix socket does not exist. */
    public static final int PATH = 6;

    private static final int MAX_TEXT = 2047;

    /**
     * Reads the payload of a message.
     *
     * @throws PayloadException when it is empty
     */
    public static SocketError decode(Message message) {
        byte[] bytes = message.bytes();
        if (bytes.length == 0) {
            throw new PayloadException("socket: error without a code");
        }
        return new SocketError(Byte.toUnsignedInt(bytes[0]),
            new String(bytes, 1, bytes.length - 1, StandardCharsets.UTF_8));
    }

    /** The bytes on the wire. */
    public byte[] encode() {
        byte[] chars = text.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[1 + Math.min(chars.length, MAX_TEXT)];
        bytes[0] = (byte) code;
        System.arraycopy(chars, 0, bytes, 1, bytes.length - 1);
        return bytes;
    }

    /** The bytes of a plain text answer without a code, cut like that of a socket. */
    public static byte[] plain(String text) {
        byte[] chars = text.getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(chars, Math.min(chars.length, MAX_TEXT));
    }
}

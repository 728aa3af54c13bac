// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Payload of {@link MessageType#SOCKET}: the address as UTF-8 text, then four bytes of backlog and one of sharing.
 *
 * @param address like {@code *:8080}, {@code [::1]:80} or {@code unix:/run/a.sock}
 * @param backlog for listen(2); -1 lets the kernel decide
 * @param shared whether the port is that of another listener of this server, which the new one replaces
 */
public record SocketRequest(String address, int backlog, boolean shared) {

    private static final int MAX_ADDRESS = 4096;

    /**
     * Reads the payload of a message.
     *
     * @throws PayloadException without an address, or with one that no socket can have
     */
    public static SocketRequest decode(Message message) {
        byte[] bytes = message.bytes();
        int length = bytes.length - Integer.BYTES - 1;
        if (length <= 0 || length > MAX_ADDRESS) {
            throw new PayloadException("socket: invalid message size (" + bytes.length + ")");
        }
        int backlog = ByteBuffer.wrap(bytes, length, Integer.BYTES).order(ByteOrder.nativeOrder()).getInt();
        return new SocketRequest(new String(bytes, 0, length, StandardCharsets.UTF_8), backlog,
            bytes[bytes.length - 1] == 1);
    }

    /** The bytes on the wire. */
    public byte[] encode() {
        byte[] text = address.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(text.length + Integer.BYTES + 1).order(ByteOrder.nativeOrder())
            .put(text).putInt(backlog).put((byte) (shared ? 1 : 0)).array();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Payload of {@link MessageType#REMOVE_PID}: exactly the four bytes of a global pid, because libunit refuses any other
 * length. The header's stream says more: other than 0 it names the start that failed ({@code spec/processes.md §12}).
 *
 * @param pid the process that is gone
 */
public record RemovePid(int pid) {

    /** Length of the encoded form in bytes. */
    public static final int SIZE = 4;

    /**
     * Reads the payload of a message.
     *
     * @throws PayloadException when it has not 4 bytes
     */
    public static RemovePid decode(Message message) {
        ByteBuffer in = message.payload();
        if (in.remaining() != SIZE) {
            throw new PayloadException("remove_pid: invalid message size (" + in.remaining() + " != " + SIZE + ")");
        }
        return new RemovePid(in.getInt());
    }

    /** The bytes on the wire. */
    public byte[] encode() {
        return ByteBuffer.allocate(SIZE).order(ByteOrder.nativeOrder()).putInt(pid).array();
    }
}

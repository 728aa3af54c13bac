// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Payload of {@link MessageType#WHOAMI} and of its answer: one global pid ({@code spec/processes.md §4}).
 *
 * @param pid in the request the sender's parent, in the answer the sender itself
 */
public record WhoAmI(int pid) {

    /** Length of the encoded form in bytes. */
    public static final int SIZE = 4;

    /**
     * Reads the payload of a message.
     *
     * @throws PayloadException when it has not 4 bytes
     */
    public static WhoAmI decode(Message message) {
        ByteBuffer in = message.payload();
        if (in.remaining() != SIZE) {
            throw new PayloadException("whoami: buffer is NULL or unexpected size");
        }
        return new WhoAmI(in.getInt());
    }

    /** The bytes on the wire. */
    public byte[] encode() {
        return ByteBuffer.allocate(SIZE).order(ByteOrder.nativeOrder()).putInt(pid).array();
    }
}

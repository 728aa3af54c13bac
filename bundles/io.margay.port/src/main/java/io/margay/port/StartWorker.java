// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Payload of {@link MessageType#START_PROCESS} from the router to a prototype.
 *
 * @param loops number of the router's event loops, 0 to 65535: a worker makes one reply pair for each
 * @param firstSlot index of the first slot that the worker owns, 0 to 65535
 */
public record StartWorker(int loops, int firstSlot) {

    /** Length of the encoded form in bytes. */
    public static final int SIZE = 4;

    /** Checks the ranges. */
    public StartWorker {
        if (loops < 0 || loops > 0xFFFF || firstSlot < 0 || firstSlot > 0xFFFF) {
            throw new IllegalArgumentException("loops " + loops + " or slot " + firstSlot + " out of range");
        }
    }

    /**
     * Reads the payload of a message.
     *
     * @throws PayloadException when it has not 4 bytes
     */
    public static StartWorker decode(Message message) {
        ByteBuffer in = message.payload();
        if (in.remaining() != SIZE) {
            throw new PayloadException("start_process: invalid message size (" + in.remaining() + " != " + SIZE + ")");
        }
        return new StartWorker(Short.toUnsignedInt(in.getShort()), Short.toUnsignedInt(in.getShort()));
    }

    /** The bytes on the wire. */
    public byte[] encode() {
        return ByteBuffer.allocate(SIZE).order(ByteOrder.nativeOrder())
            .putShort((short) loops).putShort((short) firstSlot).array();
    }
}

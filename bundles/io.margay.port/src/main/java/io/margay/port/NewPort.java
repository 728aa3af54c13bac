// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Payload of {@link MessageType#NEW_PORT}: 32 bytes; descriptor 0 is the write end ({@code spec/ports.md §5.1}).
 *
 * @param id number of the port in its process, 0 to 65535
 * @param pid global pid of the owner
 * @param maxSize longest datagram in bytes
 * @param maxShare bytes of one message before others get a turn
 * @param processType kind of the owner, 0 main to 5 app
 */
public record NewPort(int id, int pid, long maxSize, long maxShare, int processType) {

    /** Length of the encoded form in bytes. */
    public static final int SIZE = 32;
    /** What every port announces as its longest datagram. */
    public static final long MAX_SIZE = 16_384;
    /** What every port announces as its share. */
    public static final long MAX_SHARE = 65_536;

    /** Checks the ranges. */
    public NewPort {
        if (id < 0 || id > 0xFFFF || processType < 0 || processType > 0xFF) {
            throw new IllegalArgumentException("port " + id + " or process type " + processType + " out of range");
        }
    }

    /** A record with the usual sizes. */
    public static NewPort of(int id, int pid, int processType) {
        return new NewPort(id, pid, MAX_SIZE, MAX_SHARE, processType);
    }

    /**
     * Reads the payload of a message.
     *
     * @throws PayloadException when it has not 32 bytes
     */
    public static NewPort decode(Message message) {
        ByteBuffer in = message.payload();
        if (in.remaining() != SIZE) {
            throw new PayloadException("new_port: invalid message size (" + in.remaining() + ")");
        }
        int id = Short.toUnsignedInt(in.getShort());
        in.getShort();
        int pid = in.getInt();
        long maxSize = in.getLong();
        long maxShare = in.getLong();
        return new NewPort(id, pid, maxSize, maxShare, Byte.toUnsignedInt(in.get()));
    }

    /** The 32 bytes, padding zero. */
    public byte[] encode() {
        byte[] bytes = new byte[SIZE];
        ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder())
            .putShort((short) id).putShort((short) 0).putInt(pid)
            .putLong(maxSize).putLong(maxShare).put((byte) processType);
        return bytes;
    }
}

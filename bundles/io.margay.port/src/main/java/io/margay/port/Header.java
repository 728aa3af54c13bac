// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The 16 bytes before each payload, in native byte order ({@code spec/ports.md §4}).
 *
 * @param stream number that binds answers to their request, unsigned; 0 is none
 * @param pid the sender as it names itself; only the kernel's word counts
 * @param replyPort the sender's port for answers, 0 to 65535
 * @param type a number of {@link MessageType}, 0 to 255
 * @param last whether the stream ends with this message
 * @param mmap whether the payload is in shared memory: with workers a list of records, between core processes sealed
 *     memory that descriptor 0 names
 * @param notFirst whether this is a later fragment
 * @param more whether fragments follow
 */
public record Header(int stream, int pid, int replyPort, int type, boolean last, boolean mmap, boolean notFirst,
                     boolean more) {

    /** Length of the encoded form in bytes. */
    public static final int SIZE = 16;

    /** Checks the fields that are narrower than their Java type. */
    public Header {
        if (replyPort < 0 || replyPort > 0xFFFF || type < 0 || type > 0xFF) {
            throw new IllegalArgumentException("port " + replyPort + " or type " + type + " out of range");
        }
    }

    /**
     * A header that ends its stream, as most messages between core processes do.
     *
     * @param type a number of {@link MessageType}
     * @param stream the stream or 0
     * @param pid the own global pid
     */
    public static Header last(int type, int stream, int pid) {
        return new Header(stream, pid, 0, type, true, false, false, false);
    }

    /**
     * A header after which more of the same stream follows.
     *
     * @param type a number of {@link MessageType}
     * @param stream the stream or 0
     * @param pid the own global pid
     */
    public static Header more(int type, int stream, int pid) {
        return new Header(stream, pid, 0, type, false, false, false, false);
    }

    /** The same header with another port for answers. */
    public Header replyTo(int port) {
        return new Header(stream, pid, port, type, last, mmap, notFirst, more);
    }

    /** The same header for a payload that is in sealed memory. */
    Header inMemory() {
        return new Header(stream, pid, replyPort, type, last, true, notFirst, more);
    }

    /** Whether this is a piece of a fragmented message, which no Java process sends or accepts. */
    public boolean fragment() {
        return notFirst || more;
    }

    /**
     * Reads a header and moves the position behind it.
     *
     * @param in at least 16 bytes remain; its byte order does not matter
     * @throws java.nio.BufferUnderflowException when fewer remain
     */
    public static Header decode(ByteBuffer in) {
        ByteOrder order = in.order();
        in.order(ByteOrder.nativeOrder());
        try {
            int stream = in.getInt();
            int pid = in.getInt();
            int replyPort = Short.toUnsignedInt(in.getShort());
            int type = Byte.toUnsignedInt(in.get());
            boolean last = in.get() != 0;
            boolean mmap = in.get() != 0;
            boolean notFirst = in.get() != 0;
            boolean more = in.get() != 0;
            in.get();
            return new Header(stream, pid, replyPort, type, last, mmap, notFirst, more);
        } finally {
            in.order(order);
        }
    }

    /**
     * Writes the header and moves the position behind it; the padding byte is zero.
     *
     * @param out has room for 16 bytes; its byte order does not matter
     * @throws java.nio.BufferOverflowException when it has not
     */
    public void encode(ByteBuffer out) {
        ByteOrder order = out.order();
        out.order(ByteOrder.nativeOrder());
        try {
            out.putInt(stream).putInt(pid).putShort((short) replyPort).put((byte) type);
            out.put(flag(last)).put(flag(mmap)).put(flag(notFirst)).put(flag(more)).put((byte) 0);
        } finally {
            out.order(order);
        }
    }

    private static byte flag(boolean set) {
        return (byte) (set ? 1 : 0);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import io.margay.posix.Received;
import io.margay.posix.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory that one datagram is received into. All ports of one event loop share one, because a payload is valid only
 * while its handler runs; it is used on that loop's thread alone.
 */
public final class ReceiveBuffer {

    /** Long enough for every datagram of this server: 64 KiB. */
    public static final int DEFAULT_SIZE = 65_536;

    private final MemorySegment segment;
    private final ByteBuffer bytes;

    /**
     * Allocates the memory; it is released when nothing refers to the object.
     *
     * @param size longest datagram in bytes, header included
     */
    public ReceiveBuffer(int size) {
        this.segment = Arena.ofAuto().allocate(size, Long.BYTES);
        this.bytes = segment.asByteBuffer().order(ByteOrder.nativeOrder());
    }

    /** A buffer of the default size. */
    public ReceiveBuffer() {
        this(DEFAULT_SIZE);
    }

    Received receive(int fd) {
        return Sockets.receive(fd, segment);
    }

    ByteBuffer view(int length) {
        return bytes.duplicate().order(ByteOrder.nativeOrder()).position(0).limit(length);
    }
}

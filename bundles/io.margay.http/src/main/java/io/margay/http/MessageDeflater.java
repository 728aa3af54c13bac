// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.zip.Deflater;

/**
 * Compresses messages to a client as they come (RFC 7692 §7.2.1): a message becomes one frame, or several when much of
 * it has gathered. Each call leaves whole frames behind. On the loop.
 */
final class MessageDeflater {
    private static final int FINAL = 0x80;
    private static final int COMPRESSED = 0x40;
    /** Shorter ones hardly become shorter still. */
    private static final int WORTH = 48;
    /** Bytes of a message that gather before they are sent. */
    private static final int GATHERED = 32 * 1024;
    private static final int ROOM = 512;
    /** What each flush ends with, which the last frame of a message leaves out. */
    private static final int TAIL = 4;
    private static final int SHORT_LENGTH = 126;
    private static final int LONG_LENGTH = 127;
    private static final int MOST_HEAD = 10;

    private final ZlibPool pool;
    private final boolean context;
    private final ByteBufAllocator alloc;
    private final Consumer<ByteBuf> sink;
    /** Null between two messages that have nothing to do with each other. */
    private Deflater zlib;
    private ByteBuf out;
    private int first;

    /**
     * Nothing was sent yet.
     *
     * @param context whether a message may refer to those before it
     * @param sink takes over whole frames, and parts of them
     */
    MessageDeflater(ZlibPool pool, boolean context, ByteBufAllocator alloc, Consumer<ByteBuf> sink) {
        this.pool = pool;
        this.context = context;
        this.alloc = alloc;
        this.sink = sink;
    }

    /** Whether a message should be compressed, of which the first frame is known. */
    boolean isWorth(long length, boolean whole) {
        return length >= WORTH || !whole;
    }

    /** A message begins. */
    void begin(int opcode) {
        if (zlib == null) {
            zlib = pool.takeDeflater();
        }
        first = COMPRESSED | opcode;
        out = alloc.directBuffer(ROOM);
    }

    /** Takes a part of a message; not taken over. */
    void add(ByteBuf part) {
        if (part.isReadable()) {
            zlib.setInput(part.nioBuffer());
            pump(Deflater.NO_FLUSH);
        }
    }

    /** A frame of the application ends, and with it maybe the message. */
    void flush(boolean last) {
        pump(Deflater.SYNC_FLUSH);
        if (!last) {
            send(out.readableBytes(), 0);
            return;
        }
        if (out.isReadable()) {
            send(out.readableBytes() - TAIL, FINAL);
        } else {
            // Nothing came since the last flush, and zlib does not flush twice: the begin of an empty block, of which
            // the receiver adds the rest (RFC 7692 §7.2.3.6).
            send(out.writeByte(0).readableBytes(), FINAL);
        }
        out.release();
        out = null;
        if (!context) {
            pool.give(zlib);
            zlib = null;
        }
    }

    private void pump(int flush) {
        boolean more = true;
        while (more) {
            out.ensureWritable(ROOM);
            ByteBuffer room = out.internalNioBuffer(out.writerIndex(), out.writableBytes());
            int size = zlib.deflate(room, flush);
            out.writerIndex(out.writerIndex() + size);
            more = !room.hasRemaining();
            if (out.readableBytes() >= GATHERED) {
                send(out.readableBytes() - TAIL, 0);
            }
        }
    }

    /** Sends what has gathered, up to so many bytes, as one frame. */
    private void send(int size, int last) {
        if (size == 0 && last == 0) {
            return;
        }
        ByteBuf head = alloc.buffer(MOST_HEAD).writeByte(first | last);
        if (size < SHORT_LENGTH) {
            head.writeByte(size);
        } else if (size < 1 << Short.SIZE) {
            head.writeByte(SHORT_LENGTH).writeShort(size);
        } else {
            head.writeByte(LONG_LENGTH).writeLong(size);
        }
        first = 0;
        sink.accept(head);
        sink.accept(alloc.directBuffer(Math.max(1, size)).writeBytes(out, size));
        out.discardReadBytes();
    }

    /** Gives memory back. */
    void close() {
        if (out != null) {
            out.release();
            out = null;
        }
        if (zlib != null) {
            pool.give(zlib);
            zlib = null;
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Makes frames of a client that are compressed (RFC 7692 §7.2.2) such as any application reads: each becomes one frame
 * that is no longer than the settings allow for one that is not compressed. On the loop.
 */
final class MessageInflater {
    private static final int FINAL = 0x80;
    private static final int COMPRESSED = 0x40;
    private static final int OPCODE = 0x0f;
    private static final int TEXT = 1;
    private static final int CONTROL = 8;
    private static final int MASKED = 0x80;
    private static final int MASK = 4;
    private static final int SHORT_LENGTH = 126;
    private static final int LONG_LENGTH = 127;
    /** With a length of eight bytes and a mask, which leaves the payload as it is. */
    private static final int MOST_HEAD = 14;
    private static final int ROOM = 1024;
    private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};
    private static final WebSocketFault BROKEN = new WebSocketFault(1007, "Invalid compressed data");

    private final ZlibPool pool;
    private final boolean context;
    private final ByteBufAllocator alloc;
    private final int most;
    /** Null between two messages that have nothing to do with each other. */
    private Inflater zlib;
    private boolean inMessage;
    private boolean inText;
    private final Utf8Check text = new Utf8Check();
    private Optional<WebSocketFault> fault = Optional.empty();

    /**
     * Nothing has come yet.
     *
     * @param context whether a message may refer to those before it
     * @param most longest frame with its header, bytes
     */
    MessageInflater(ZlibPool pool, boolean context, ByteBufAllocator alloc, int most) {
        this.pool = pool;
        this.context = context;
        this.alloc = alloc;
        this.most = most;
    }

    /** Whether this frame, the next one, belongs to a compressed message. */
    boolean takes(ByteBuf frame) {
        int head = frame.getByte(frame.readerIndex());
        int opcode = head & OPCODE;
        if (opcode >= CONTROL) {
            return false;
        }
        if (opcode > 0 && (head & COMPRESSED) != 0) {
            inMessage = true;
            inText = opcode == TEXT;
            text.reset();
        }
        return inMessage;
    }

    /**
     * Makes another frame of it, unless {@link #fault} has something then.
     *
     * @param frame masked and whole; taken over
     * @return to be taken over; empty at a fault
     */
    ByteBuf inflate(ByteBuf frame) {
        int head = frame.readByte();
        int bits = frame.readByte() & LONG_LENGTH;
        frame.skipBytes(bits == LONG_LENGTH ? Long.BYTES : bits == SHORT_LENGTH ? Short.BYTES : 0);
        int mask = frame.readInt();
        unmask(frame, mask);
        boolean last = (head & FINAL) != 0;
        // The header goes in front when the length is known.
        ByteBuf out = alloc.directBuffer(MOST_HEAD + Math.max(ROOM, frame.readableBytes())).writeZero(MOST_HEAD);
        if (zlib == null) {
            zlib = pool.takeInflater();
        }
        try {
            fault = run(frame.nioBuffer(), out);
            if (fault.isEmpty() && last) {
                fault = run(ByteBuffer.wrap(TAIL), out);
            }
        } catch (DataFormatException e) {
            fault = Optional.of(BROKEN);
        } finally {
            frame.release();
        }
        if (fault.isEmpty() && inText && !isText(out, last)) {
            fault = Optional.of(WebSocketFault.NO_TEXT);
        }
        if (last) {
            inMessage = false;
            if (!context) {
                pool.give(zlib);
                zlib = null;
            }
        }
        if (fault.isPresent()) {
            return out.clear();
        }
        return head(out, head & ~COMPRESSED);
    }

    /** What was wrong with the last frame. */
    Optional<WebSocketFault> fault() {
        return fault;
    }

    private static void unmask(ByteBuf payload, int mask) {
        int at = payload.readerIndex();
        int end = payload.writerIndex();
        for (; at + MASK <= end; at += MASK) {
            payload.setInt(at, payload.getInt(at) ^ mask);
        }
        for (int shift = Integer.SIZE - Byte.SIZE; at < end; at++, shift -= Byte.SIZE) {
            payload.setByte(at, payload.getByte(at) ^ mask >> shift);
        }
    }

    private Optional<WebSocketFault> run(ByteBuffer in, ByteBuf out) throws DataFormatException {
        zlib.setInput(in);
        while (true) {
            // One byte more than may come tells that there would be more.
            int limit = Math.max(1, headSize(out) + most - out.readableBytes());
            out.ensureWritable(Math.min(limit, ROOM));
            ByteBuffer room = out.internalNioBuffer(out.writerIndex(), Math.min(limit, out.writableBytes()));
            int size = zlib.inflate(room);
            out.writerIndex(out.writerIndex() + size);
            if (out.readableBytes() - headSize(out) > most) {
                return Optional.of(new WebSocketFault(1009, "Message too big: more than " + most + " bytes"));
            }
            if (zlib.finished()) {
                // The sender has ended its stream within the message; another one follows (RFC 7692 §7.2.3.4).
                zlib.reset();
                zlib.setInput(in);
            }
            if (size == 0 && !in.hasRemaining()) {
                return Optional.empty();
            }
            if (size == 0 && zlib.needsDictionary()) {
                return Optional.of(BROKEN);
            }
        }
    }

    private static int headSize(ByteBuf out) {
        int size = out.readableBytes() - MOST_HEAD;
        return size < SHORT_LENGTH ? 8 : size < 1 << Short.SIZE ? 6 : 0;
    }

    private boolean isText(ByteBuf out, boolean last) {
        for (int i = MOST_HEAD; i < out.writerIndex(); i++) {
            if (!text.take(out.getByte(i) & 0xff)) {
                return false;
            }
        }
        return !last || text.isComplete();
    }

    private static ByteBuf head(ByteBuf out, int first) {
        int size = out.readableBytes() - MOST_HEAD;
        int at = headSize(out);
        out.readerIndex(at).setByte(at, first);
        if (size < SHORT_LENGTH) {
            out.setByte(at + 1, MASKED | size);
        } else if (size < 1 << Short.SIZE) {
            out.setByte(at + 1, MASKED | SHORT_LENGTH).setShort(at + 2, size);
        } else {
            out.setByte(at + 1, MASKED | LONG_LENGTH).setLong(at + 2, size);
        }
        return out;
    }

    /** Gives memory back. */
    void close() {
        if (zlib != null) {
            pool.give(zlib);
            zlib = null;
        }
    }
}

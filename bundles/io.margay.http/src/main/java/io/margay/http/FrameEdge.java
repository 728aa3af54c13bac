// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;

/**
 * Knows where the frames begin and end that an application sends on a WebSocket: a frame of the server put into the
 * middle of another one would become a part of a message. On the loop of the request.
 */
final class FrameEdge {

    private static final int SHORT_HEAD = 2;
    private static final int FINAL = 0x80;
    private static final int RESERVED = 0x70;
    private static final int OPCODE = 0x0f;
    private static final int MASKED = 0x80;
    private static final int LENGTH = 0x7f;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;
    private static final int MASK_SIZE = 4;

    private final byte[] head = new byte[SHORT_HEAD + Long.BYTES + MASK_SIZE];
    /** Bytes of a header that is not complete. */
    private int known;
    /** Bytes of the last complete header. */
    private int size;
    private long length;
    private long left;

    /** Takes note of what is sent. */
    void pass(ByteBuf part) {
        int at = part.readerIndex();
        int end = part.writerIndex();
        while (at < end) {
            at = advance(part, at, end);
        }
    }

    /**
     * Takes note of what is sent up to the next place where something changes: to the end of a header, or of a frame.
     *
     * @param at where what is new begins, below {@code end}
     * @return where it stops
     */
    int advance(ByteBuf part, int at, int end) {
        if (left > 0) {
            int step = (int) Math.min(left, end - at);
            left -= step;
            return at + step;
        }
        int next = at;
        do {
            head[known++] = part.getByte(next++);
        } while (next < end && !isWhole());
        if (isWhole()) {
            size = known;
            known = 0;
            length = payload();
            left = length;
        }
        return next;
    }

    private boolean isWhole() {
        return known >= SHORT_HEAD && known == SHORT_HEAD + lengthSize() + maskSize();
    }

    /** Whether the last frame is complete. */
    boolean isReached() {
        return known == 0 && left == 0;
    }

    /** Whether what comes next belongs to a header. */
    boolean isInHead() {
        return left == 0;
    }

    /** Bytes of a header that is not complete; 0 when none has begun. */
    int known() {
        return known;
    }

    /** The opcode of the last frame. */
    int opcode() {
        return head[0] & OPCODE;
    }

    /** Whether it is the last one of a message. */
    boolean isFinal() {
        return (head[0] & FINAL) != 0;
    }

    /** Whether it has neither a mask nor bits of extensions. */
    boolean isPlain() {
        return (head[0] & RESERVED) == 0 && (head[1] & MASKED) == 0;
    }

    /** Bytes of its payload. */
    long length() {
        return length;
    }

    /** Writes its header. */
    void writeHead(ByteBuf out, int from) {
        out.writeBytes(head, from, size - from);
    }

    private int lengthSize() {
        return switch (head[1] & LENGTH) {
            case LENGTH_16 -> Short.BYTES;
            case LENGTH_64 -> Long.BYTES;
            default -> 0;
        };
    }

    private int maskSize() {
        return (head[1] & MASKED) == 0 ? 0 : MASK_SIZE;
    }

    private long payload() {
        int bytes = lengthSize();
        long number = bytes == 0 ? head[1] & LENGTH : 0;
        for (int i = 0; i < bytes; i++) {
            number = number << Byte.SIZE | head[SHORT_HEAD + i] & 0xff;
        }
        // One that no frame can have never ends.
        return number < 0 ? Long.MAX_VALUE : number;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.netty.buffer.ByteBuf;

/**
 * Knows whether what an application has sent on a WebSocket ends with a complete frame: a frame of the server put into
 * the middle of another one would become a part of a message. On the loop of the request.
 */
final class FrameEdge {

    private static final int SHORT_HEAD = 2;
    private static final int MASKED = 0x80;
    private static final int LENGTH = 0x7f;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;
    private static final int MASK_SIZE = 4;

    private final byte[] head = new byte[SHORT_HEAD + Long.BYTES + MASK_SIZE];
    private int known;
    private long left;

    /** Takes note of what is sent. */
    void pass(ByteBuf part) {
        int at = part.readerIndex();
        int end = part.writerIndex();
        while (at < end) {
            if (left > 0) {
                int step = (int) Math.min(left, end - at);
                left -= step;
                at += step;
            } else {
                head[known++] = part.getByte(at++);
                if (known >= SHORT_HEAD && known == SHORT_HEAD + lengthSize() + maskSize()) {
                    left = payload();
                    known = 0;
                }
            }
        }
    }

    /** Whether the last frame is complete. */
    boolean isReached() {
        return known == 0 && left == 0;
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
        int size = lengthSize();
        long length = size == 0 ? head[1] & LENGTH : 0;
        for (int i = 0; i < size; i++) {
            length = length << Byte.SIZE | head[SHORT_HEAD + i] & 0xff;
        }
        // One that no frame can have never ends.
        return length < 0 ? Long.MAX_VALUE : length;
    }
}

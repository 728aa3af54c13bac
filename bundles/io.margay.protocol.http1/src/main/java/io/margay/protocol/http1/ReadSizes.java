// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * How much one connection reads at once: little while it waits for a head, much while a body arrives. At most four
 * reads a turn keep the loop fair. (The handle that a channel gives back is wrapped, so the size lives here.)
 */
final class ReadSizes extends DefaultMaxMessagesRecvByteBufAllocator {
    private static final int HEAD = 4096;
    private static final int BODY = 256 * 1024;
    private static final int READS_PER_TURN = 4;

    private final SpareBuffer spare;
    private int guess = HEAD;

    /** Reads heads into {@code spare} when it is free. */
    ReadSizes(SpareBuffer spare) {
        super(READS_PER_TURN);
        this.spare = spare;
    }

    /** Sets how many bytes the connection expects. */
    void expect(long bytes) {
        guess = Math.clamp(bytes, HEAD, BODY);
    }

    @Override
    public ExtendedHandle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public ByteBuf allocate(ByteBufAllocator alloc) {
                return guess == HEAD ? spare.take(HEAD) : alloc.ioBuffer(guess);
            }

            @Override
            public int guess() {
                return guess;
            }
        };
    }
}

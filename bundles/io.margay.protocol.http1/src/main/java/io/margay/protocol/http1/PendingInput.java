// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/** Input beyond the current request, kept until it is wanted. */
final class PendingInput {
    private ByteBuf kept = Unpooled.EMPTY_BUFFER;

    boolean isReadable() {
        return kept.isReadable();
    }

    /** Appends; takes over {@code in}. */
    void keep(ByteBuf in, ByteBufAllocator alloc) {
        if (!kept.isReadable()) {
            kept.release();
            kept = in;
            return;
        }
        if (kept.refCnt() > 1) {
            // A body still looks at this buffer.
            ByteBuf own = alloc.directBuffer(2 * (kept.readableBytes() + in.readableBytes()));
            own.writeBytes(kept);
            kept.release();
            kept = own;
        }
        // Grows by doubling: a client that floods and leaves makes Netty read on, whatever was asked for.
        kept.writeBytes(in);
        in.release();
    }

    /** Gives it to the caller. */
    ByteBuf take() {
        ByteBuf in = kept;
        kept = Unpooled.EMPTY_BUFFER;
        return in;
    }

    void discard() {
        take().release();
    }
}

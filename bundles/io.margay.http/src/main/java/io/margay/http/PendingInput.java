// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/** Input of one client that nobody wants yet, kept in its order until it is wanted. On the loop of the connection. */
public final class PendingInput {
    private ByteBuf kept = Unpooled.EMPTY_BUFFER;

    /** Nothing was kept. */
    public PendingInput() {
        // Holds nothing at first.
    }

    /** Whether something was kept. */
    public boolean isReadable() {
        return kept.isReadable();
    }

    /** Appends; takes over {@code in}. */
    public void keep(ByteBuf in, ByteBufAllocator alloc) {
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
    public ByteBuf take() {
        ByteBuf in = kept;
        kept = Unpooled.EMPTY_BUFFER;
        return in;
    }

    /** Releases what was kept. */
    public void discard() {
        take().release();
    }
}

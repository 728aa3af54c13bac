// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.fastcgi.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.FastThreadLocal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory for what is sent or received, seen by system calls and by Netty alike. Lives until the collector finds it. */
final class LinkBuffer {

    /** Bytes of either buffer: room for the variables of a request, and what is read at once. */
    static final int SIZE = 192 << 10;
    /** Working memory of the thread; free whenever a callback begins. */
    static final FastThreadLocal<LinkBuffer> OUT = buffer();
    static final FastThreadLocal<LinkBuffer> IN = buffer();

    final MemorySegment segment;
    final ByteBuf bytes;

    LinkBuffer() {
        segment = Arena.ofAuto().allocate(SIZE, 64);
        bytes = Unpooled.wrappedBuffer(segment.asByteBuffer());
        bytes.clear();
    }

    private static FastThreadLocal<LinkBuffer> buffer() {
        return new FastThreadLocal<>() {
            @Override
            protected LinkBuffer initialValue() {
                return new LinkBuffer();
            }
        };
    }
}

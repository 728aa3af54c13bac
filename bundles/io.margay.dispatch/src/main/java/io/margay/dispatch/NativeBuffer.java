// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory for one message, seen by system calls and by Netty alike. Lives until the collector finds it. */
final class NativeBuffer {

    final MemorySegment segment;
    final ByteBuf bytes;

    NativeBuffer() {
        // One byte more than the longest message shows that a longer one was cut.
        segment = Arena.ofAuto().allocate(Wire.MAX_MESSAGE + 1, 64);
        bytes = Unpooled.wrappedBuffer(segment.asByteBuffer());
        bytes.clear();
    }
}

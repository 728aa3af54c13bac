// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.FastThreadLocal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory for one message, seen by system calls and by Netty alike. Lives until the collector finds it. */
final class MessageBuffer {

    /** Working memory of the thread for messages to and from processes; free whenever a callback begins. */
    static final FastThreadLocal<MessageBuffer> OUT = buffer();
    static final FastThreadLocal<MessageBuffer> IN = buffer();

    final MemorySegment segment;
    final ByteBuf bytes;

    MessageBuffer() {
        // One byte more than the longest message shows that a longer one was cut.
        segment = Arena.ofAuto().allocate(UnitProtocol.LONGEST + 1, 64);
        bytes = Unpooled.wrappedBuffer(segment.asByteBuffer());
        bytes.clear();
    }

    private static FastThreadLocal<MessageBuffer> buffer() {
        return new FastThreadLocal<>() {
            @Override
            protected MessageBuffer initialValue() {
                return new MessageBuffer();
            }
        };
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/** Whether a server takes what is sent to it, seen from one look to the next. On the loop of the channel. */
final class SendWatch {
    private long progress = -1;

    void begin() {
        progress = -1;
    }

    /** Whether it has taken something since the last look. */
    boolean hasMoved(Channel channel) {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        // A stream has no buffer of its own.
        long seen = waiting == null ? Http2Bridge.sent(channel)
            : waiting.totalPendingWriteBytes() * 31 + waiting.currentProgress();
        boolean moved = progress >= 0 && seen != progress;
        progress = seen & Long.MAX_VALUE;
        return moved;
    }
}

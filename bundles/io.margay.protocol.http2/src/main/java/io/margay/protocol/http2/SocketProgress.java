// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/** Watches whether what waits for a socket goes out. */
final class SocketProgress {
    private static final long SECOND = 1_000_000_000L;

    private long mark = -1;
    private long stuckAt;

    /** Whether it has made no progress for so many seconds; never if that is 0. Asked twice a second. */
    boolean isStuck(Channel channel, long now, int seconds) {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        if (waiting == null || waiting.isEmpty() || seconds == 0) {
            mark = -1;
            return false;
        }
        long seen = (waiting.totalPendingWriteBytes() * 31 + waiting.size() * 7L + waiting.currentProgress())
            & Long.MAX_VALUE;
        if (seen != mark) {
            mark = seen;
            stuckAt = now + seconds * SECOND;
        }
        return now - stuckAt >= 0;
    }
}

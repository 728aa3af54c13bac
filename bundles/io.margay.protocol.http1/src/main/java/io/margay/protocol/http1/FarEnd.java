// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Asks whether a client is still there that has ended its side. A program that waits for the rest of its answer and one
 * that is gone look alike until something is sent; but the system of the latter refuses the connection a minute after
 * its end, so an application that has nothing to say hears of that by then.
 */
final class FarEnd {

    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    private FarEnd() {
    }

    /** Begins to ask; the channel is closed when nobody is there. On the loop. */
    static void watch(Channel channel) {
        if (channel instanceof EpollDomainSocketChannel local) {
            try {
                // On the same machine no byte is needed to hear that nobody reads.
                local.fd().write(NOTHING, 0, 0);
            } catch (IOException e) {
                channel.close();
            }
        } else {
            channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        }
    }
}

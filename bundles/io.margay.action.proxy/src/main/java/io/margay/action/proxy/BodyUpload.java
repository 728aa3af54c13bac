// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.BodyListener;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/**
 * The body of a request that goes on to a server as it comes from the client. While the server takes no more, the
 * client is not read. On the loop of the request.
 */
final class BodyUpload implements BodyListener {
    private final UpstreamLink link;
    private final Forward forward;
    private final Channel channel;
    private final UpstreamWriter writer;
    private final boolean unknown;
    private boolean over;

    BodyUpload(UpstreamLink link, Forward forward, Channel channel, UpstreamWriter writer) {
        this.link = link;
        this.forward = forward;
        this.channel = channel;
        this.writer = writer;
        unknown = forward.request().contentLength() < 0;
    }

    @Override
    public boolean data(ByteBuf part, boolean last) {
        if (!link.serves(forward)) {
            part.release();
            return true;
        }
        over = last;
        link.moves();
        writer.part(channel, part, unknown);
        if (last) {
            link.written(forward, channel.writeAndFlush(writer.end(unknown)));
        } else {
            channel.flush();
        }
        return channel.isWritable();
    }

    /** Whether all of it was handed over. */
    boolean isOver() {
        return over;
    }
}

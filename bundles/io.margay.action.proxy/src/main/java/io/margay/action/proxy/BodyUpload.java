// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.BodyListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;

/**
 * The body of a request that goes on to a server as it comes from the client, in chunks if its length is not known.
 * While the server takes no more, the client is not read. On the loop of the request.
 */
final class BodyUpload implements BodyListener {
    private static final byte[] END = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int LINE = 20;

    private final UpstreamLink link;
    private final Forward forward;
    private final Channel channel;
    private final boolean chunked;
    private boolean over;

    BodyUpload(UpstreamLink link, Forward forward, Channel channel, boolean chunked) {
        this.link = link;
        this.forward = forward;
        this.channel = channel;
        this.chunked = chunked;
    }

    @Override
    public boolean data(ByteBuf part, boolean last) {
        if (!link.serves(forward)) {
            part.release();
            return true;
        }
        over = last;
        link.moves();
        int size = part.readableBytes();
        if (chunked && size > 0) {
            ByteBuf line = channel.alloc().directBuffer(LINE);
            line.writeCharSequence(Integer.toHexString(size) + "\r\n", StandardCharsets.US_ASCII);
            channel.write(line);
            channel.write(part);
            channel.write(Unpooled.wrappedBuffer(END, 1, 2));
        } else {
            channel.write(part);
        }
        if (last) {
            link.written(forward, channel.writeAndFlush(chunked ? Unpooled.wrappedBuffer(END) : Unpooled.EMPTY_BUFFER));
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

// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.http.internal;

import io.margay.dispatch.AppRequest;
import io.margay.http.BodyRegions;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.DefaultFileRegion;
import java.io.IOException;

/** Writes requests: a small body in one buffer with the head, one in a file without a look at it. */
final class RequestWriter {
    private static final int SMALL_BODY = 8 << 10;

    private RequestWriter() {
    }

    /**
     * Writes a request and flushes.
     *
     * @param head taken over
     * @return when all is written; the channel's loop
     * @throws IOException when the file of the body cannot be read; nothing was written then
     */
    static ChannelFuture write(Channel channel, ByteBuf head, AppRequest request) throws IOException {
        ByteBuf body = request.body();
        if (request.bodyFile().isPresent() && request.contentLength() > 0) {
            DefaultFileRegion region;
            try {
                region = BodyRegions.of(request.bodyFile().get(), request.contentLength());
            } catch (IOException e) {
                head.release();
                throw e;
            }
            channel.write(head);
            return channel.writeAndFlush(region);
        } else if (body.readableBytes() > SMALL_BODY) {
            channel.write(head);
            return channel.writeAndFlush(body.retainedDuplicate());
        }
        return channel.writeAndFlush(head.writeBytes(body, body.readerIndex(), body.readableBytes()));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.BodyRegions;
import io.margay.http.Request;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.stream.ChunkedNioFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Puts a request whose body is complete on a connection. */
final class RequestOutput {
    private static final int SMALL_BODY = 8 << 10;

    private RequestOutput() {
    }

    /**
     * Sends head and body.
     *
     * @param head taken over if nothing is thrown
     * @return done when all is sent
     * @throws IOException when the body cannot be read; nothing is sent then
     */
    static ChannelFuture write(Channel channel, Request request, ByteBuf head) throws IOException {
        if (request.bodyFile().isPresent() && request.contentLength() > 0) {
            boolean stream = Http2Bridge.isIn(channel);
            Object region = channel.pipeline().get(SslHandler.class) == null && !stream
                ? BodyRegions.of(request.bodyFile().get(), request.contentLength())
                : new ChunkedNioFile(FileChannel.open(Path.of("/proc/self/fd/" + request.bodyFile().get().number())));
            if (stream) {
                Http2Bridge.takeFiles(channel);
            }
            channel.write(head);
            return channel.writeAndFlush(region);
        }
        ByteBuf body = request.body();
        if (body.readableBytes() > SMALL_BODY) {
            channel.write(head);
            return channel.writeAndFlush(body.retainedDuplicate());
        }
        return channel.writeAndFlush(head.writeBytes(body, body.readerIndex(), body.readableBytes()));
    }
}

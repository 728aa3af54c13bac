// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslHandler;

/** The end of the sending side of TLS; its own class, since only such connections are to load what it needs. */
final class SecureEnd {

    private SecureEnd() {
    }

    /**
     * Says after a write that no more will come, so that the client knows the response to be complete; what it sends
     * from then on gets no further than {@code rest}.
     */
    static ChannelFuture after(ChannelFuture written, ChannelHandlerContext ctx, Linger rest) {
        ChannelPromise said = ctx.newPromise();
        written.addListener(done -> {
            SslHandler tls = ctx.pipeline().get(SslHandler.class);
            if (tls == null || !done.isSuccess()) {
                said.trySuccess();
            } else {
                ctx.pipeline().addFirst(rest);
                tls.closeOutbound().addListener(closed -> said.trySuccess());
            }
        });
        return said;
    }
}

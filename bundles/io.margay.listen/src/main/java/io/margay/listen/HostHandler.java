// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * Waits for the name in the client's first message, then makes room for TLS with the certificate for it, or for a
 * handshake that proves something to a client that asks for that.
 */
final class HostHandler extends AbstractSniHandler<SslHandler> {
    private static final int MAX_HELLO = 64 * 1024;

    private final TlsSlot slot;
    private Optional<String> asked = Optional.empty();

    HostHandler(TlsSlot slot) {
        super(MAX_HELLO, 0);
        this.slot = slot;
    }

    @Override
    protected Future<SslHandler> lookup(ChannelHandlerContext ctx, ByteBuf hello) throws Exception {
        asked = hello == null || !slot.isAsked() ? Optional.empty() : ClientHello.onlyProtocol(hello);
        return super.lookup(ctx, hello);
    }

    @Override
    protected Future<SslHandler> lookup(ChannelHandlerContext ctx, String host) throws SSLException {
        Optional<SslHandler> answer = asked.isEmpty() ? Optional.empty()
            : slot.answer(asked.get(), host == null ? "" : host, ctx.channel());
        return answer.isPresent() ? ctx.executor().newSucceededFuture(answer.get()) : serve(ctx, host);
    }

    private Future<SslHandler> serve(ChannelHandlerContext ctx, String host) {
        return slot.handler(host == null ? "" : host, ctx.channel()).map(ctx.executor()::newSucceededFuture)
            .orElseGet(() -> ctx.executor().newFailedFuture(new IOException("the listener was removed")));
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext ctx, String host, Future<SslHandler> found) {
        if (found.isSuccess()) {
            ctx.pipeline().replace(this, ctx.name(), found.getNow());
        } else {
            ctx.close();
        }
    }
}

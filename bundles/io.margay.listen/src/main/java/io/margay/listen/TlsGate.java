// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.http.HttpLoop;
import io.margay.http.Protocols;
import io.margay.http.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;

/**
 * Stands before the HTTP of a connection to a TLS listener until its first byte: that of a handshake makes room for
 * TLS, any other goes on as plain HTTP, which is then told that it is wrong here ({@code spec/http.md §2}).
 */
final class TlsGate extends ChannelInboundHandlerAdapter {
    private static final int HANDSHAKE = 0x16;
    private static final String TLS = "tls";

    private final Listener listener;
    private final Protocols protocols;
    private final HttpLoop loop;
    private final TlsSlot slot;

    TlsGate(Listener listener, Protocols protocols, HttpLoop loop) {
        this.listener = listener;
        this.protocols = protocols;
        this.loop = loop;
        slot = listener.slot();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (in.isReadable() && in.getUnsignedByte(in.readerIndex()) == HANDSHAKE && !secure(ctx)) {
            in.release();
            ctx.close();
            return;
        }
        ctx.fireChannelRead(in);
        if (!ctx.isRemoved()) {
            ctx.pipeline().remove(this);
        }
    }

    /** Puts TLS between this handler and HTTP; false when the listener has gone meanwhile. */
    private boolean secure(ChannelHandlerContext ctx) {
        Optional<TlsService> service = slot.current();
        if (service.isEmpty()) {
            return false;
        }
        ctx.fireUserEventTriggered(Transport.HANDSHAKE);
        if (service.get().isByName() || service.get().isAsked()) {
            insert(ctx, new HostHandler(slot));
            return true;
        }
        Optional<SslHandler> handler = slot.handler("", ctx.channel());
        handler.ifPresent(tls -> insert(ctx, tls));
        return handler.isPresent();
    }

    private void insert(ChannelHandlerContext ctx, ChannelHandler tls) {
        ChannelPipeline pipeline = ctx.pipeline();
        try {
            pipeline.addAfter(ctx.name(), TLS, tls).addAfter(TLS, null, new TlsEvents(listener, protocols, loop));
        } catch (RuntimeException e) {
            if (tls instanceof SslHandler handler) {
                ReferenceCountUtil.release(handler.engine());
            }
            throw e;
        }
    }
}

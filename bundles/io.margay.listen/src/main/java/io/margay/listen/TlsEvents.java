// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.http.HttpLoop;
import io.margay.http.Protocol;
import io.margay.http.Protocols;
import io.margay.http.Transport;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.security.cert.CertPathValidatorException;
import java.util.Optional;

/** Tells HTTP in its own words what happens in the TLS below. */
final class TlsEvents extends ChannelInboundHandlerAdapter {
    private final Listener listener;
    private final Protocols protocols;
    private final HttpLoop loop;

    TlsEvents(Listener listener, Protocols protocols, HttpLoop loop) {
        this.listener = listener;
        this.protocols = protocols;
        this.loop = loop;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (!handshake.isSuccess()) {
                ctx.close();
            } else if (TlsSlot.isAnswer(ctx.channel())) {
                // What follows the proof is for nobody.
                ProtocolSwitch.clear(ctx);
                ctx.close();
            } else if (identify(ctx)) {
                choose(ctx);
                ctx.fireUserEventTriggered(Transport.TLS);
            }
        } else if (event instanceof SslCloseCompletionEvent end && end.isSuccess()) {
            // The client says that it has no more to send.
            ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    /** Lets requests know the client; one that is not to be served is left. */
    private boolean identify(ChannelHandlerContext ctx) {
        try {
            TlsHandshake.of(ctx.pipeline().get(SslHandler.class).engine(), TlsSlot.begun(ctx.channel()))
                .attach(ctx.channel());
            return true;
        } catch (CertPathValidatorException e) {
            refused(ctx, e);
            // What it may have sent already is for nobody.
            ProtocolSwitch.clear(ctx);
            ctx.close();
            return false;
        }
    }

    /** Puts another protocol in the place of the usual one when the client has chosen it. */
    private void choose(ChannelHandlerContext ctx) {
        String chosen = ctx.pipeline().get(SslHandler.class).applicationProtocol();
        if (chosen == null) {
            return;
        }
        // What TLS offers may be newer than the connection, and a protocol may have been replaced since that began.
        Protocols now = listener.protocols();
        Protocols offered = protocols.alpn().contains(chosen) ? protocols : now;
        Optional<Protocol> other = offered.other(chosen);
        if (other.isPresent()) {
            ProtocolSwitch.clear(ctx);
            if (!offered.attach(other.get(), ctx.channel(), listener.server(), loop)
                    && !now.other(chosen).filter(next ->
                        now.attach(next, ctx.channel(), listener.server(), loop)).isPresent()) {
                ctx.close();
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof DecoderException)) {
            ctx.fireExceptionCaught(cause);
            return;
        }
        refused(ctx, TlsHandshake.reason(cause));
        ctx.close();
    }

    /** Whatever clients try is their fault, and nothing to wake anybody up for. */
    private void refused(ChannelHandlerContext ctx, Throwable reason) {
        loop.log().info("TLS with " + ctx.channel().remoteAddress() + " failed: "
            + String.valueOf(reason.getMessage()).replaceAll("[^\\x20-\\x7E]", "?"));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.http.Transport;
import io.margay.log.ErrorLog;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

/** Tells HTTP in its own words what happens in the TLS below. */
final class TlsEvents extends ChannelInboundHandlerAdapter {

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                ctx.fireUserEventTriggered(Transport.TLS);
            } else {
                ctx.close();
            }
        } else if (event instanceof SslCloseCompletionEvent end && end.isSuccess()) {
            // The client says that it has no more to send.
            ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof DecoderException)) {
            ctx.fireExceptionCaught(cause);
            return;
        }
        // Whatever clients try is their fault, and nothing to wake anybody up for.
        Throwable reason = cause.getCause() == null ? cause : cause.getCause();
        ErrorLog.shared().info("TLS with " + ctx.channel().remoteAddress() + " failed: "
            + String.valueOf(reason.getMessage()).replaceAll("[^\\x20-\\x7E]", "?"));
        ctx.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.http.HttpLoop;
import io.margay.http.Protocol;
import io.margay.http.Protocols;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Optional;

/**
 * Stands before the HTTP of a connection without TLS until its first bytes tell which protocol the client speaks
 * without having asked; the usual one, if they are no other's. It waits for no more bytes than those of the longest
 * preface, and as long as the usual protocol lets it.
 */
final class PrefaceGate extends ChannelInboundHandlerAdapter {
    private final Listener listener;
    private final Protocols protocols;
    private final HttpLoop loop;
    private ByteBuf seen = Unpooled.EMPTY_BUFFER;

    PrefaceGate(Listener listener, Protocols protocols, HttpLoop loop) {
        this.listener = listener;
        this.protocols = protocols;
        this.loop = loop;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        add(ctx, (ByteBuf) message);
        Optional<Protocol> begun = protocols.begun(seen);
        if (begun.isEmpty() && protocols.mayBegin(seen)) {
            return;
        }
        if (begun.isPresent()) {
            ProtocolSwitch.clear(ctx);
            if (!protocols.attach(begun.get(), ctx.channel(), listener.server(), loop) && !retry(ctx)) {
                ctx.close();
                return;
            }
        }
        ByteBuf all = seen;
        seen = Unpooled.EMPTY_BUFFER;
        ctx.fireChannelRead(all);
        ctx.pipeline().remove(this);
    }

    private void add(ChannelHandlerContext ctx, ByteBuf in) {
        if (!seen.isReadable()) {
            seen = in;
            return;
        }
        ByteBuf before = seen;
        seen = ctx.alloc().buffer(before.readableBytes() + in.readableBytes()).writeBytes(before).writeBytes(in);
        before.release();
        in.release();
    }

    /** The protocol may have been replaced since the connection was accepted. */
    private boolean retry(ChannelHandlerContext ctx) {
        Protocols now = listener.protocols();
        return now.begun(seen).filter(next -> now.attach(next, ctx.channel(), listener.server(), loop)).isPresent();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        seen.release();
        seen = Unpooled.EMPTY_BUFFER;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.ProtocolChange;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/** The last thing that a connection does in this protocol when its client has asked for another one. */
final class SwitchOver implements Runnable {
    private final Http1Connection former;
    private final ChannelHandlerContext ctx;
    private final ProtocolChange change;

    private SwitchOver(Http1Connection former, ChannelHandlerContext ctx, ProtocolChange change) {
        this.former = former;
        this.ctx = ctx;
        this.change = change;
    }

    /** Null if the request is to be answered in this protocol. */
    static SwitchOver of(Http1Connection former, Http1Exchange asking, ChannelHandlerContext ctx) {
        // A client that says no more could not even begin to speak another one.
        return former.inputEnded || former.server.isLeaving() ? null
            : former.server.protocols().asked(asking, ctx.channel(), former.server, former.shared.http())
                .map(change -> new SwitchOver(former, ctx, change)).orElse(null);
    }

    /** Tells the client, and leaves channel, request and what has come behind it to the other protocol. */
    @Override
    public void run() {
        HeadWriter.switching(former.output, change.token());
        former.output.flush();
        ByteBuf rest = former.pending.take();
        former.end();
        ctx.channel().config().setAutoRead(true);
        try {
            change.begin().run();
        } catch (RuntimeException e) {
            rest.release();
            throw e;
        }
        if (rest.isReadable()) {
            ctx.fireChannelRead(rest);
        } else {
            rest.release();
        }
        if (!ctx.isRemoved()) {
            ctx.pipeline().remove(former);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.FrameSession;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/** Lets the frames of a WebSocket travel by the connection that it has to itself. */
record FrameCarrier(Http1Connection connection, Http1Exchange exchange, ChannelHandlerContext ctx)
    implements FrameSession.Carrier {

    @Override
    public void send(ByteBuf frame) {
        connection.output.append(frame);
        exchange.flush();
    }

    @Override
    public void read(boolean more) {
        ctx.channel().config().setAutoRead(more);
    }

    @Override
    public void taken(int bytes) {
        // The socket has room when it is read.
    }

    @Override
    public void leave() {
        exchange.leave();
    }
}

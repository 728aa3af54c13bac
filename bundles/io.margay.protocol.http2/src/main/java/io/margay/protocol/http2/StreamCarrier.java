// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.margay.http.FrameSession;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Stream;

/** Lets the frames of a WebSocket travel by one stream (RFC 8441): its window is how the client is told to wait. */
record StreamCarrier(StreamExchange exchange, Http2Session session, Http2Stream stream)
    implements FrameSession.Carrier {

    @Override
    public void send(ByteBuf frame) {
        exchange.own(frame);
    }

    @Override
    public void read(boolean more) {
        // What nobody takes gives the client no new window.
    }

    @Override
    public void taken(int bytes) {
        session.taken(stream, bytes);
    }

    @Override
    public void leave() {
        exchange.leave();
    }
}

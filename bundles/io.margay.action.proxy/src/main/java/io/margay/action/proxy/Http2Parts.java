// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameStream;

/**
 * Parts of the body of one answer that its client does not take yet. The window of the stream bounds their bytes, not
 * their number, and each keeps some hundred bytes and the buffer in which it came: so all but the first ones are put
 * together to pieces. Those of a client that reads go their way as they are. On the loop of the connection.
 */
final class Http2Parts {
    /** Parts that wait as they are. */
    private static final int FEW = 4;
    /** From how many bytes on a piece is not added to. */
    private static final int PIECE = 16 << 10;

    private final ChannelHandlerContext ctx;
    /** How many wait in the channel of the stream. */
    private int waiting;
    /** What comes behind them. */
    private ByteBuf piece = Unpooled.EMPTY_BUFFER;
    private Http2FrameStream stream;
    private boolean ended;

    Http2Parts(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    /** One has come; it is released, or goes on. */
    void add(Http2DataFrame part) {
        int size = part.content().readableBytes();
        if (!piece.isReadable() && (waiting < FEW || size >= PIECE || part.isEndStream())) {
            pass(part);
            return;
        }
        try {
            if (size > 0) {
                if (!piece.isReadable()) {
                    piece = ctx.alloc().buffer(PIECE);
                }
                piece.writeBytes(part.content());
            }
            stream = part.stream();
            int padding = part.initialFlowControlledBytes() - size;
            if (padding > 0) {
                // The window has it back at once, since nothing is kept of it.
                ctx.write(new DefaultHttp2WindowUpdateFrame(padding).stream(stream));
            }
            ended = part.isEndStream();
        } finally {
            part.release();
        }
        if (ended || piece.readableBytes() >= PIECE) {
            flush();
        }
    }

    /** The channel of the stream has read one. */
    void read() {
        waiting--;
        if (waiting == 0 && piece.isReadable()) {
            // Not from within: it is just taking what waits there.
            ctx.executor().execute(() -> {
                if (waiting == 0) {
                    flush();
                    ctx.fireChannelReadComplete();
                }
            });
        }
    }

    /** Something else has come, before which the parts were. */
    void flush() {
        if (piece.isReadable()) {
            Http2DataFrame all = new DefaultHttp2DataFrame(piece, ended).stream(stream);
            piece = Unpooled.EMPTY_BUFFER;
            pass(all);
        }
    }

    /** The stream is no more. */
    void end() {
        piece.release();
        piece = Unpooled.EMPTY_BUFFER;
    }

    private void pass(Http2DataFrame part) {
        waiting++;
        ctx.fireChannelRead(part);
    }
}

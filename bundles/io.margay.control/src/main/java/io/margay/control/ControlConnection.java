// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One connection: reads one request, sends its reply, ends. On the channel's thread only. */
final class ControlConnection extends ChannelInboundHandlerAdapter {
    private static final long LINGER_MILLIS = 2_000;

    private final ControlServer server;
    private final ControlPeer peer;
    private final ControlRequestReader reader;
    private ScheduledFuture<?> deadline;
    private long held;
    private boolean answered;
    private boolean lingering;
    private boolean spooling;
    /** The memory of the content is that of the request. */
    private boolean handling;

    ControlConnection(ControlServer server, ControlPeer peer) {
        this.server = server;
        this.peer = peer;
        this.reader = new ControlRequestReader(server.limits(), peer, server.api()::maxContent,
            server.api()::largeContent);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        closeIn(context, server.limits().headerMillis());
        context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        stopClock();
        server.release(held);
        held = 0;
        spools(false);
        if (!handling) {
            reader.close();
        }
        context.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        byte[] piece;
        try {
            ByteBuf buffer = (ByteBuf) message;
            piece = new byte[buffer.readableBytes()];
            buffer.readBytes(piece);
        } finally {
            ReferenceCountUtil.release(message);
        }
        // What comes after a refusal is read and dropped, so that the reply is not lost to a reset connection.
        if (!answered) {
            take(context, piece);
        }
    }

    private void take(ChannelHandlerContext context, byte[] piece) {
        try {
            Optional<ControlRequest> request = reader.read(piece);
            if (!server.hold(reader.size() - held, peer)) {
                refuse(context, 400, "The server is busy with the contents of other requests.");
                return;
            }
            held = reader.size();
            if (reader.isSpooled() && !spools(true)) {
                refuse(context, 503, "The server is busy with the contents of other requests.");
                return;
            }
            if (request.isPresent()) {
                answered = true;
                stopClock();
                context.channel().config().setAutoRead(false);
                handling = true;
                server.api().handle(request.get()).whenComplete((reply, failure) -> {
                    reader.close();
                    send(context, failure == null ? reply : ControlReply.error(500, "Internal error."), false);
                });
            } else if (reader.inBody()) {
                closeIn(context, server.limits().readMillis());
                if (reader.takeExpectation()) {
                    context.writeAndFlush(Unpooled.wrappedBuffer(ReplyHead.goOn()));
                }
            }
        } catch (ControlRequestReader.Refused e) {
            refuse(context, e.status(), e.getMessage());
        }
    }

    /** Counts this connection among those with a large content, or not any more; false when there are too many. */
    private boolean spools(boolean now) {
        if (now == spooling) {
            return true;
        }
        spooling = server.spool(now);
        return spooling == now;
    }

    private void refuse(ChannelHandlerContext context, int status, String detail) {
        answered = true;
        send(context, ControlReply.error(status, "Invalid request.", detail), true);
    }

    private void send(ChannelHandlerContext context, ControlReply wanted, boolean unread) {
        if (!context.channel().isActive()) {
            wanted.stream().ifPresent(pieces -> pieces.subscribe(new ReplyStream(context, server.limits())));
            return;
        }
        if (wanted.stream().isPresent()) {
            context.write(Unpooled.wrappedBuffer(ReplyHead.head(wanted, server.version(), Instant.now())));
            ReplyStream stream = new ReplyStream(context, server.limits());
            context.channel().closeFuture().addListener(closed -> {
                stream.cancel();
                server.ended(stream);
            });
            server.begun(stream);
            wanted.stream().get().subscribe(stream);
            return;
        }
        boolean fits = server.holdReply(wanted.body().length);
        ControlReply reply = fits ? wanted : ControlReply.error(500, "Memory allocation failed.",
            "Other clients have not read their replies yet.");
        closeIn(context, server.limits().sendMillis());
        byte[] head = ReplyHead.head(reply, server.version(), Instant.now());
        context.writeAndFlush(Unpooled.wrappedBuffer(head, reply.body())).addListener(sent -> {
            if (fits) {
                server.releaseReply(wanted.body().length);
            }
            if (unread && sent.isSuccess() && context.channel() instanceof DuplexChannel channel) {
                lingering = true;
                channel.shutdownOutput();
                closeIn(context, LINGER_MILLIS);
            } else {
                context.close();
            }
        });
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        // A client may end its side after the request and still wait for the reply.
        boolean waits = answered && !lingering;
        if (event instanceof ChannelInputShutdownEvent && !waits) {
            context.close();
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // The client went away; a change that it ordered is carried out all the same.
        context.close();
    }

    private void closeIn(ChannelHandlerContext context, long millis) {
        stopClock();
        deadline = context.executor().schedule(() -> {
            context.close();
        }, millis, TimeUnit.MILLISECONDS);
    }

    private void stopClock() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }
}

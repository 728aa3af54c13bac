// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.http.internal;

import io.margay.engine.EventLoop;
import io.margay.engine.Timer;
import io.margay.http.Ascii;
import io.margay.http.AnswerHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Finds out when a worker serves: it has taken a connection, and, if there is a path for that, has answered it below
 * 400. Asks until then, or until it is closed; the pool bounds the time. On the home loop.
 */
final class Readiness implements AutoCloseable {

    private static final long FIRST_PAUSE = 4;
    private static final long LONGEST_PAUSE = 100;
    /** Up to and with the status of {@code HTTP/1.1 200}. */
    private static final int ENOUGH = 12;
    private static final int CODE = 9;
    private static final int BAD = 400;

    private final EventLoop loop;
    private final Place place;
    private final Optional<String> path;
    private final Runnable serves;
    private Optional<Channel> channel = Optional.empty();
    private Optional<Timer> timer = Optional.empty();
    private long pause = FIRST_PAUSE;
    private boolean closed;

    Readiness(EventLoop loop, Place place, Optional<String> path, Runnable serves) {
        this.loop = loop;
        this.place = place;
        this.path = path;
        this.serves = serves;
    }

    /** Begins, or begins anew. */
    void look() {
        if (closed) {
            return;
        }
        Channel fresh = Place.channel(place.address(), loop, new Answer());
        channel = Optional.of(fresh);
        fresh.connect(place.address()).addListener(future -> {
            if (future.isSuccess()) {
                wait(fresh);
            } else {
                again(fresh);
            }
        });
    }

    private void later(Runnable task) {
        timer = Optional.of(loop.schedule(pause, task));
        pause = Math.min(LONGEST_PAUSE, pause + pause / 2);
    }

    private boolean isCurrent(Channel asked) {
        return !closed && channel.filter(now -> now == asked).isPresent();
    }

    private void wait(Channel asked) {
        if (!isCurrent(asked)) {
            return;
        }
        if (!place.takes()) {
            later(() -> wait(asked));
        } else if (path.isPresent()) {
            asked.writeAndFlush(Unpooled.copiedBuffer("GET " + path.get() + " HTTP/1.1\r\nHost: localhost\r\n"
                + "Connection: close\r\n\r\n", StandardCharsets.UTF_8));
        } else {
            done();
        }
    }

    private void again(Channel asked) {
        if (isCurrent(asked)) {
            channel = Optional.empty();
            asked.close();
            later(this::look);
        }
    }

    private void done() {
        close();
        serves.run();
    }

    @Override
    public void close() {
        closed = true;
        timer.ifPresent(Timer::cancel);
        channel.ifPresent(Channel::close);
        channel = Optional.empty();
    }

    private final class Answer extends ChannelInboundHandlerAdapter {

        private final byte[] text = new byte[ENOUGH];
        private int size;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf in = (ByteBuf) message;
            try {
                int length = Math.min(in.readableBytes(), ENOUGH - size);
                in.readBytes(text, size, length);
                size += length;
            } finally {
                in.release();
            }
            Channel asked = ctx.channel();
            if (size == ENOUGH && isCurrent(asked)) {
                long status = AnswerHead.mayBegin(text, ENOUGH) ? Ascii.decimal(text, CODE, ENOUGH) : -1;
                if (status >= 100 && status < BAD) {
                    done();
                } else {
                    again(asked);
                }
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            again(ctx.channel());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            again(ctx.channel());
        }
    }
}

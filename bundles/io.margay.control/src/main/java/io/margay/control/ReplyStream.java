// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.posix.Descriptors;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.UnixChannel;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Writes the pieces of a reply to one connection and asks for the next one when the last has left, so that a client
 * that
 * does not read holds nothing but one piece. A client that takes none of it for the time of the limits is cut. Pieces
 * may come on any thread; everything happens on that of the channel.
 */
final class ReplyStream implements Flow.Subscriber<byte[]> {
    private static final long LOOK_MILLIS = 1000;

    private final ChannelHandlerContext context;
    private final ControlLimits limits;
    private Flow.Subscription source;
    private Future<?> deadline;
    private boolean ended;

    ReplyStream(ChannelHandlerContext context, ControlLimits limits) {
        this.context = context;
        this.limits = limits;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        onLoop(() -> {
            source = subscription;
            if (ended || !context.channel().isActive()) {
                subscription.cancel();
                return;
            }
            context.flush();
            look();
            subscription.request(1);
        });
    }

    /**
     * Nothing is read any more, and nothing may be written for a while: so it is looked whether the client has gone
     * altogether. One that has ended its side only may still wait for the rest.
     */
    private void look() {
        if (!ended && context.channel() instanceof UnixChannel channel && channel.isOpen()) {
            if ((Descriptors.poll(channel.fd().intValue(), 0, 0) & (Descriptors.POLLHUP | Descriptors.POLLERR)) != 0) {
                context.close();
                return;
            }
            context.executor().schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void onNext(byte[] piece) {
        onLoop(() -> {
            if (ended) {
                return;
            }
            deadline = context.executor().schedule(() -> {
                context.close();
            }, limits.sendMillis(), TimeUnit.MILLISECONDS);
            context.writeAndFlush(Unpooled.wrappedBuffer(piece)).addListener(sent -> {
                deadline.cancel(false);
                if (sent.isSuccess() && !ended) {
                    source.request(1);
                }
            });
        });
    }

    @Override
    public void onError(Throwable failure) {
        // The client sees that it is not whole: the connection is reset instead of ended.
        onLoop(() -> {
            ended = true;
            context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
            context.close();
        });
    }

    @Override
    public void onComplete() {
        onLoop(() -> {
            ended = true;
            context.flush();
            context.close();
        });
    }

    /** The server leaves: what was sent so far is all that there is. */
    void finish() {
        cancel();
        onComplete();
    }

    /** The client is gone. */
    void cancel() {
        onLoop(() -> {
            ended = true;
            if (source != null) {
                source.cancel();
            }
        });
    }

    private void onLoop(Runnable task) {
        if (context.executor().inEventLoop()) {
            task.run();
        } else {
            context.executor().execute(task);
        }
    }
}

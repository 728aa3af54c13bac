// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.BodyListener;
import io.margay.posix.PosixException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/**
 * The body of a request that was handed over before it had arrived: nothing is read until somebody says whether it is
 * collected or passed on, and nothing more while that one has enough. Ends when the body is complete. On the loop.
 */
final class BodyIntake {
    private static final int BAD_REQUEST = 400;
    private static final int TIMEOUT = 408;
    private static final int INTERNAL = 500;
    private static final Runnable NOTHING = () -> { };

    private final Http1Connection connection;
    private final RequestReader request;
    private final RequestBody body;
    private final ChannelHandlerContext ctx;
    private final Http1Exchange exchange;
    private Runnable then = NOTHING;
    private boolean decided;
    private boolean paused = true;
    private boolean over;

    BodyIntake(Http1Connection connection, RequestReader request, Http1Exchange exchange,
            ChannelHandlerContext ctx) {
        this.connection = connection;
        this.request = request;
        this.exchange = exchange;
        this.ctx = ctx;
        body = request.body().orElseThrow();
    }

    /** Collects it, then runs an action. */
    void await(Runnable action) {
        then = action;
        decide();
    }

    /** It may not become larger than this, in bytes. */
    void limit(long most) {
        body.limit(most);
    }

    /** Passes it on. */
    void stream(BodyListener listener) {
        body.stream(listener);
        decide();
    }

    private void decide() {
        if (decided) {
            throw new IllegalStateException("what becomes of the body was said before");
        }
        decided = true;
        // What belongs to it may be in the buffer that is read now.
        ctx.executor().execute(this::resume);
    }

    private boolean isOver() {
        return over || exchange.isDone();
    }

    /** Takes what has come, in order, and keeps what nobody wants yet; takes over. */
    void input(ByteBuf in) {
        if (isOver()) {
            in.release();
            return;
        }
        if (paused || connection.pending.isReadable()) {
            connection.keep(in);
            return;
        }
        int status;
        try {
            status = request.more(in);
        } catch (PosixException e) {
            exchange.loop().log().alert("a request body could not be stored: " + e.getMessage());
            status = INTERNAL;
        }
        if (status == RequestReader.MORE) {
            in.release();
            more();
        } else if (status == RequestReader.DONE) {
            complete(in);
        } else {
            in.release();
            fail(status);
        }
    }

    private void more() {
        if (isOver()) {
            return;
        }
        if (body.isWanted()) {
            awaitMore();
        } else {
            paused = true;
            connection.timer.disarm();
            request.rest();
            ctx.channel().config().setAutoRead(false);
        }
    }

    private void awaitMore() {
        connection.timer.arm(exchange.loop().now(), exchange.settings().bodyReadTimeout());
    }

    private void complete(ByteBuf in) {
        over = true;
        connection.intake = null;
        connection.timer.arm(exchange.loop().now(), connection.inputEnded ? Deadline.PROBE_SECONDS : 0);
        if (in.isReadable()) {
            connection.keep(in);
        } else {
            in.release();
        }
        if (!exchange.isDone()) {
            then.run();
        }
    }

    /** Lets it come again, that which was kept first. */
    void resume() {
        if (!decided || !paused || isOver()) {
            return;
        }
        paused = false;
        // The time in which nobody wanted more does not count.
        request.measure();
        if (connection.pending.isReadable()) {
            input(connection.pending.take());
        }
        if (paused || isOver()) {
            return;
        }
        if (connection.inputEnded) {
            exchange.left(BAD_REQUEST);
            return;
        }
        if (request.goOn(connection.output)) {
            exchange.flush();
        }
        awaitMore();
        ctx.channel().config().setAutoRead(true);
    }

    /** The client sends no more. */
    void inputEnded() {
        if (!paused && !isOver()) {
            exchange.left(BAD_REQUEST);
        }
    }

    /** The client has sent nothing for too long; 0, since nothing is to be awaited any more. */
    int expired() {
        if (!paused && !isOver()) {
            fail(TIMEOUT);
        }
        return 0;
    }

    private void fail(int status) {
        over = true;
        exchange.refuse(status);
    }
}

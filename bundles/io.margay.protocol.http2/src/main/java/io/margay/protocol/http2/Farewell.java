// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.margay.http.HttpLoop;
import io.margay.http.Linger;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;

/**
 * How a connection ends by the server's will, so that no request is lost (RFC 9113 §6.8): the client is told to make no
 * more requests here; when it has answered a PING that was sent behind that, whatever it sent before it knew has come,
 * and it is told which requests were the last; with the end of those, and some time for the client to close the
 * connection itself, it is closed, and what the client says meanwhile is read until it closes its side. A request that
 * comes in that time is refused, so that the client may make it again: some take a connection for a request before they
 * hear of its end, and use it after that. On the loop.
 */
final class Farewell {
    /** What the PING says. */
    private static final long HEARD = 0x6d617267_61790001L;
    /** How long a client may take to answer it. */
    private static final long PATIENCE_NANOS = 5_000_000_000L;

    /** How long a client that has nothing to wait for may take to close the connection. */
    private static final long GRACE_NANOS = 1_000_000_000L;

    /** Clients say that they have room while they still read what is in the socket. */
    private static final int LINGER_SECONDS = 60;

    private enum State { NONE, ASKED, SAID, CLOSED }

    private final HttpLoop loop;
    private final SessionHandler handler;
    /** That of the handler. */
    private final ChannelHandlerContext codec;
    private State state = State.NONE;
    private long askedAt;
    private long saidAt;
    /** Null until the own end is said. */
    private Linger linger;

    Farewell(HttpLoop loop, SessionHandler handler, ChannelHandlerContext codec) {
        this.loop = loop;
        this.handler = handler;
        this.codec = codec;
    }

    /** Asks the client to make another connection; a second time has no effect. What is written is to be flushed. */
    void ask() {
        if (state == State.NONE) {
            state = State.ASKED;
            askedAt = loop.now();
            goAway(Integer.MAX_VALUE);
            handler.encoder().writePing(codec, false, HEARD, codec.newPromise());
        }
    }

    /** Whether the answer to a PING says that the client has heard of the end. */
    boolean isHeard(long data) {
        return state == State.ASKED && data == HEARD;
    }

    /** Whether the client has been asked so long ago that no answer is awaited any more. */
    boolean isOverdue(long now) {
        return state == State.ASKED && now - askedAt >= PATIENCE_NANOS;
    }

    /** Tells the client once which requests are the last that are answered. What is written is to be flushed. */
    void say() {
        if (state == State.NONE || state == State.ASKED) {
            state = State.SAID;
            saidAt = loop.now();
            goAway(handler.connection().remote().lastStreamCreated());
        }
    }

    /** Whether the connection is to be closed when it has no stream. */
    boolean isDue() {
        return state == State.SAID && loop.now() - saidAt >= GRACE_NANOS;
    }

    /** Closes the sending side when all is written, and the other when the client has done so or had its time. */
    void close(boolean secure) {
        state = State.CLOSED;
        linger = new Linger(loop, LINGER_SECONDS);
        linger.begin(codec.writeAndFlush(Unpooled.EMPTY_BUFFER), codec, secure);
    }

    /** Takes {@code in} over and throws it away when the own end was said; else it is to be read. */
    boolean drains(ByteBuf in) {
        if (linger == null) {
            return false;
        }
        linger.drain(in, codec);
        return true;
    }

    /** Whether the client had its time to close its side. */
    boolean isOver(long now) {
        return linger != null && linger.isOver(now);
    }

    private void goAway(int last) {
        handler.goAway(codec, last, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, codec.newPromise());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.channel.Channel;

/** What a request to a server is at, and how long the server may take for it. On the loop of the request. */
final class LinkClock {
    private static final long NANOS = 1_000_000;

    private final SendWatch sending = new SendWatch();
    private LinkPhase phase = LinkPhase.IDLE;
    private long deadline;

    LinkPhase phase() {
        return phase;
    }

    boolean is(LinkPhase one) {
        return phase == one;
    }

    /** When the server is too late. */
    long deadline() {
        return deadline;
    }

    void enter(LinkPhase next) {
        phase = next;
        if (next == LinkPhase.SENDING) {
            sending.begin();
        }
    }

    void allow(long now, int millis) {
        deadline = now + NANOS * millis;
    }

    /** Something of the request, or of the answer, goes on. */
    void moves(long now, ProxyTimeouts timeouts) {
        allow(now, phase == LinkPhase.SENDING ? timeouts.send() : timeouts.read());
    }

    /** The server has all of the request. */
    void sent(long now, ProxyTimeouts timeouts) {
        if (phase == LinkPhase.SENDING) {
            phase = LinkPhase.WAITING;
            allow(now, timeouts.response());
        }
    }

    /**
     * Whether the server is too late. It is not to blame for a client that is slow.
     *
     * @param uploading whether parts of the body are still to come from the client
     */
    boolean isOver(long now, ProxyTimeouts timeouts, Channel channel, boolean uploading) {
        if (phase == LinkPhase.SENDING && (sending.hasMoved(channel) || uploading && channel.isWritable())) {
            deadline = Math.max(deadline, now + timeouts.send() * NANOS);
        } else if (phase == LinkPhase.READING && uploading && channel.isWritable()) {
            deadline = Math.max(deadline, now + timeouts.read() * NANOS);
        }
        return now - deadline >= 0;
    }
}

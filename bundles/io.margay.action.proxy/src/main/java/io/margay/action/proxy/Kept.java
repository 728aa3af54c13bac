// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.channel.Channel;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A connection that a {@link LinkPool} keeps because it takes another request. It belongs to a loop, and may move to
 * another one while it has no request.
 */
interface Kept {

    /** Its loop. */
    LoopSide side();

    /** Where it leads. */
    SocketAddress server();

    /** Whether it has no request. Any thread, while it is kept. */
    boolean isIdle();

    /** Until when it is kept without a request, by the clock of its loop. */
    long idleUntil();

    /** Whether it takes one; for one that must not be sent twice the kernel is asked too. */
    boolean isUsable(boolean repeatable);

    /** Takes it for a request; empty when that cannot be. */
    Optional<UpstreamLink> link();

    /** Moves it, kept by nobody and without a request, to another loop, for a request there. Called on that. */
    void move(LoopSide to, Forward first);

    /** It was taken for a request that is not wanted any more: it goes on waiting. */
    void rest(ProxyTimeouts timeouts);

    /** It gets no more requests, and ends when it has none. */
    void retire();

    /**
     * Moves a channel between loops. Called on the one it comes to.
     *
     * @param there told on that loop whether it has come
     */
    @SuppressWarnings("deprecation") // The method without a promise exists for all event loops only in this form.
    static void move(Channel channel, LoopSide from, LoopSide to, Consumer<Boolean> there) {
        from.netty().execute(() -> channel.deregister().addListener(gone -> to.netty().execute(() -> {
            if (!gone.isSuccess() || !channel.isOpen()) {
                channel.close();
                there.accept(false);
                return;
            }
            to.netty().register(channel).addListener(come -> there.accept(come.isSuccess()));
        })));
    }
}

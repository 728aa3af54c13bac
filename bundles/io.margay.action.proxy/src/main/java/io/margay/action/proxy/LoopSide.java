// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.HttpLoop;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/** What all forwarding on one loop shares: who writes requests, and one coarse timer for all deadlines. */
final class LoopSide {
    /** Distance of two looks at the deadlines, milliseconds: a timeout may come so much late. */
    private static final int TICK = 500;

    private final HttpLoop loop;
    private final ForwardEncoder encoder = new ForwardEncoder();
    /** Null until a server speaks FastCGI. */
    private FastCgiEncoder fastCgi;
    private UpstreamLink first;
    private boolean ticking;

    LoopSide(HttpLoop loop) {
        this.loop = loop;
    }

    HttpLoop http() {
        return loop;
    }

    EventLoop netty() {
        return loop.netty();
    }

    long now() {
        return loop.now();
    }

    /** Writes requests for servers of a kind. */
    UpstreamWriter writer(boolean toFastCgi) {
        if (!toFastCgi) {
            return encoder;
        }
        if (fastCgi == null) {
            fastCgi = new FastCgiEncoder();
        }
        return fastCgi;
    }

    /** Looks at a connection from now on. */
    void watch(UpstreamLink link) {
        link.next = first;
        link.previous = null;
        if (first != null) {
            first.previous = link;
        }
        first = link;
        link.watched = true;
        if (!ticking) {
            ticking = true;
            netty().schedule(this::tick, TICK, TimeUnit.MILLISECONDS);
        }
    }

    /** Looks at it no more; without effect when it does not. */
    void leave(UpstreamLink link) {
        if (!link.watched) {
            return;
        }
        link.watched = false;
        if (link.previous != null) {
            link.previous.next = link.next;
        } else {
            first = link.next;
        }
        if (link.next != null) {
            link.next.previous = link.previous;
        }
        link.next = null;
        link.previous = null;
    }

    private void tick() {
        if (first == null) {
            ticking = false;
            return;
        }
        netty().schedule(this::tick, TICK, TimeUnit.MILLISECONDS);
        long now = now();
        for (UpstreamLink link = first; link != null;) {
            UpstreamLink following = link.next;
            link.check(now);
            // What one does may end others.
            link = following == null || following.watched ? following : null;
        }
    }
}

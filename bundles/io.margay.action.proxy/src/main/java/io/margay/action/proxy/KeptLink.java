// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.posix.Descriptors;
import io.netty.channel.Channel;
import io.netty.channel.unix.UnixChannel;
import java.net.SocketAddress;
import java.util.Optional;

/** A connection that has one request at a time, between two of them. */
final class KeptLink implements Kept {
    private static final long NANOS = 1_000_000;

    private final UpstreamLink link;
    private final LinkPool pool;
    private final Channel channel;
    private long idleUntil;

    KeptLink(UpstreamLink link, LinkPool pool, Channel channel) {
        this.link = link;
        this.pool = pool;
        this.channel = channel;
    }

    @Override
    public LoopSide side() {
        return link.side();
    }

    @Override
    public SocketAddress server() {
        return channel.remoteAddress();
    }

    @Override
    public boolean isIdle() {
        return true;
    }

    @Override
    public long idleUntil() {
        return idleUntil;
    }

    @Override
    public boolean isUsable(boolean repeatable) {
        return !link.isClosed() && channel.isActive() && (repeatable
            || Descriptors.poll(((UnixChannel) channel).fd().intValue(), Descriptors.POLLIN, 0) == 0);
    }

    @Override
    public Optional<UpstreamLink> link() {
        return Optional.of(link);
    }

    @Override
    public void move(LoopSide to, Forward first) {
        Kept.move(channel, side(), to, there -> {
            link.side(to);
            first.arrived(this, there && !link.isClosed());
        });
    }

    @Override
    public void rest(ProxyTimeouts timeouts) {
        if (timeouts.idle() == 0 || pool.isWanted(side().now())) {
            link.close();
            return;
        }
        idleUntil = side().now() + timeouts.idle() * NANOS;
        pool.give(this);
    }

    @Override
    public void retire() {
        link.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.netty.channel.Channel;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.codec.http2.Http2Settings;
import io.margay.posix.Descriptors;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A connection to a server that may speak HTTP/2, and then has several requests at a time: each is a stream, with a
 * {@link UpstreamLink} of its own. Requests may wait until it is made, and the server has said what it allows. One that
 * turns out to speak HTTP/1.1 serves the first of them. On its loop.
 */
final class Http2Line implements Kept, Dial.Caller, Http2Frames.Events {
    private static final long NANOS = 1_000_000;
    /** Requests of one connection: half of what there are numbers of streams for. */
    private static final int MOST_REQUESTS = 1 << 29;
    /** The server has ended its side. */
    private static final int POLLRDHUP = 0x2000;

    private final LinkPool pool;
    private final int idleMillis;
    private final List<UpstreamLink> waiting = new ArrayList<>();
    private LoopSide side;
    /** Null until there is one. */
    private Channel channel;
    /** Null unless HTTP/2 is spoken. */
    private Http2Frames frames;
    private int most = Http2Frames.MOST_STREAMS;
    private int left = MOST_REQUESTS;
    private boolean sockets;
    private boolean ready;
    private boolean leaving;
    private boolean closed;
    private long idleUntil;
    /** Changed on the loop, while it is kept under the lock of the slot. */
    private volatile int streams;

    /**
     * Prepares one.
     *
     * @param idleMillis how long it is kept without a request; 0 for one that serves a single request
     */
    Http2Line(LinkPool pool, LoopSide side, int idleMillis) {
        this.pool = pool;
        this.side = side;
        this.idleMillis = idleMillis;
    }

    // ---- making -------------------------------------------------------

    /** Connects. */
    void open(UpstreamLink first, Forward of, long until) {
        waiting.add(first);
        first.waits(this);
        new Dial(this, of, pool, side, until).begin();
    }

    /** Lets one more request wait; false when there are enough of them. */
    boolean join(UpstreamLink one) {
        if (waiting.size() >= Http2Frames.MOST_STREAMS) {
            return false;
        }
        waiting.add(one);
        one.waits(this);
        return true;
    }

    /** One does not wait any more. */
    void forget(UpstreamLink one) {
        if (waiting.remove(one) && waiting.isEmpty() && !ready) {
            close();
        }
    }

    @Override
    public boolean isWanted() {
        for (UpstreamLink one : List.copyOf(waiting)) {
            one.isWanted();
        }
        return !closed;
    }

    @Override
    public void connected(AbstractEpollStreamChannel made, boolean http2) {
        channel = made;
        pool.single(!http2);
        if (http2) {
            frames = Http2Frames.install(made, pool.endpoint().tls().isPresent(), LinkPool.LONGEST_HEAD, this,
                () -> side.now());
            return;
        }
        List<UpstreamLink> all = begin();
        closed = true;
        pool.opened();
        all.getFirst().connected(made);
        again(all.subList(1, all.size()));
    }

    @Override
    public void unreachable(boolean late, String why) {
        List<UpstreamLink> all = begin();
        closed = true;
        all.stream().filter(UpstreamLink::isWanted).forEach(each -> each.unreachable(late, why));
    }

    private static void again(List<UpstreamLink> links) {
        links.stream().filter(UpstreamLink::isWanted).forEach(UpstreamLink::dial);
    }

    /** Nobody waits for it any more; who has until now. */
    private List<UpstreamLink> begin() {
        ready = true;
        pool.made(this);
        List<UpstreamLink> all = List.copyOf(waiting);
        waiting.clear();
        return all;
    }

    @Override
    public void allows(Http2Settings settings) {
        if (settings.maxConcurrentStreams() != null) {
            most = (int) Math.min(Http2Frames.MOST_STREAMS, settings.maxConcurrentStreams());
        }
        // It cannot be taken back (RFC 8441 §3).
        sockets |= Boolean.TRUE.equals(settings.connectProtocolEnabled());
        if (ready || closed) {
            return;
        }
        if (most == 0) {
            unreachable(false, "it allows no requests");
            channel.close();
            return;
        }
        pool.opened();
        boolean first = true;
        List<UpstreamLink> more = new ArrayList<>();
        for (UpstreamLink one : begin()) {
            Optional<Channel> stream = one.isWanted() && hasRoom() ? stream() : Optional.empty();
            if (stream.isPresent()) {
                if (!first) {
                    pool.reused();
                }
                first = false;
                one.connected(stream.get());
            } else if (one.isWanted()) {
                more.add(one);
            }
        }
        again(more);
        keep();
    }

    // ---- streams ------------------------------------------------------

    /** Whether WebSockets are passed on. */
    boolean takesSockets() {
        return sockets;
    }

    private boolean hasRoom() {
        return !closed && !leaving && streams < most && channel.isActive();
    }

    private Optional<Channel> stream() {
        Optional<Channel> made = frames.open();
        if (made.isPresent()) {
            streams++;
            leaving |= --left == 0;
            made.get().closeFuture().addListener(ended -> streamEnded());
        }
        return made;
    }

    /** One request less; under the lock of the slot. */
    void less() {
        streams--;
    }

    private void streamEnded() {
        idleUntil = side.now() + idleMillis * NANOS;
        pool.freed(this, idleMillis > 0 && !leaving && !closed && streams <= most);
        endIfUnused();
    }

    @Override
    public void rest(ProxyTimeouts timeouts) {
        keep();
    }

    /** Lets the pool have it when it takes more. */
    private void keep() {
        idleUntil = side.now() + idleMillis * NANOS;
        if (hasRoom() && idleMillis > 0) {
            pool.give(this);
        }
        endIfUnused();
    }

    private void endIfUnused() {
        if (streams == 0 && (leaving || idleMillis == 0)) {
            close();
        }
    }

    @Override
    public Optional<UpstreamLink> link() {
        Optional<UpstreamLink> link = stream().map(stream -> new UpstreamLink(pool, side, stream, this));
        keep();
        return link;
    }

    @Override
    public LoopSide side() {
        return side;
    }

    @Override
    public SocketAddress server() {
        return channel.remoteAddress();
    }

    @Override
    public boolean isIdle() {
        return streams == 0;
    }

    @Override
    public long idleUntil() {
        return idleUntil;
    }

    /** While there are other requests there is mostly something to read, and a server that leaves says so. */
    @Override
    public boolean isUsable(boolean repeatable) {
        return hasRoom() && (repeatable || Descriptors.poll(((UnixChannel) channel).fd().intValue(),
            streams == 0 ? Descriptors.POLLIN : POLLRDHUP, 0) == 0);
    }

    @Override
    public void move(LoopSide to, Forward first) {
        Kept.move(channel, side, to, there -> {
            side = to;
            closed |= !there;
            first.arrived(this, there && !closed);
        });
    }

    // ---- end ----------------------------------------------------------

    @Override
    public void leaves() {
        retire();
    }

    @Override
    public void retire() {
        leaving = true;
        pool.ended(this);
        endIfUnused();
    }

    @Override
    public void ended() {
        if (!ready) {
            unreachable(false, "it closed the connection before it spoke HTTP/2");
        }
        closed = true;
        pool.ended(this);
    }

    private void close() {
        if (!closed) {
            closed = true;
            pool.made(this);
            pool.ended(this);
            if (channel != null) {
                channel.close();
            }
        }
    }
}

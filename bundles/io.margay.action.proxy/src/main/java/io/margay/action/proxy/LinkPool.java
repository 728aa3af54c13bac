// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.posix.HostPort;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/**
 * The connections to one server that wait for a request, of all loops: a loop that has none takes one of another, which
 * then moves to it. Safe for all threads.
 */
final class LinkPool {
    /** What one loop keeps. */
    private static final int MOST = 512;
    private static final long LOOK_MILLIS = 1000;
    /** What a head may have (spec/routing.md §9.3). */
    private static final int LONGEST_HEAD = 64 << 10;

    private final Endpoint endpoint;
    private final LongAdder opened = new LongAdder();
    private final LongAdder reused = new LongAdder();
    private volatile Slot[] slots = {};
    private volatile boolean closed;

    private final Optional<Lookup> lookup;
    private final Optional<Unheard> unheard;
    private volatile Optional<SslContext> tls = Optional.empty();

    LinkPool(Endpoint endpoint, Function<HostPort, Lookup> lookups) {
        this.endpoint = endpoint;
        lookup = endpoint.name().map(lookups);
        unheard = endpoint.fastCgi() ? Optional.of(new Unheard()) : Optional.empty();
    }

    /**
     * Where to connect, in the order in which it is tried: at once, or when the name was looked up, then on another
     * thread.
     *
     * @param loop where name servers may be asked
     */
    CompletableFuture<List<SocketAddress>> addresses(long now, EventLoop loop) {
        return lookup.isPresent() ? lookup.get().next(now, loop)
            : CompletableFuture.completedFuture(List.of(endpoint.socket()));
    }

    /** An address took no connection; if there are others they are tried first for a while. */
    void avoid(SocketAddress address, long now) {
        if (lookup.isPresent()) {
            lookup.get().avoid(address, now);
        }
    }

    /** What a name stands for now, and nothing before anybody has asked; empty when there is no name to look up. */
    Optional<List<String>> addresses() {
        return lookup.map(Lookup::addresses);
    }

    /** New connections speak TLS so. */
    void secure(SslContext context) {
        tls = Optional.of(context);
    }

    /** How new connections speak TLS, if they do. */
    Optional<SslContext> tls() {
        return tls;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** A connection of this loop; the one used last, which the server has the least reason to close. */
    Optional<UpstreamLink> take(LoopSide side) {
        if (lookup.isPresent()) {
            lookup.get().refresh(side.now(), side.netty());
        }
        return pollHeld(slot(side));
    }

    /** The last one whose server the name still stands for; others are closed. */
    private Optional<UpstreamLink> pollHeld(Slot slot) {
        Optional<UpstreamLink> link = slot.pollLast();
        while (lookup.isPresent() && link.isPresent() && !lookup.get().holds(link.get().server())) {
            slot.side.netty().execute(link.get()::close);
            link = slot.pollLast();
        }
        return link;
    }

    /** A connection of another loop, taken out of its keeping. */
    Optional<UpstreamLink> takeElsewhere(LoopSide side) {
        for (Slot slot : slots) {
            if (slot != null && slot.side != side) {
                Optional<UpstreamLink> link = pollHeld(slot);
                if (link.isPresent()) {
                    return link;
                }
            }
        }
        return Optional.empty();
    }

    /** Keeps a connection for the next request, on its loop; closes it when there are enough. */
    void give(UpstreamLink link) {
        Slot slot = slot(link.side());
        if (closed || !slot.add(link)) {
            link.close();
        } else {
            slot.arm();
            if (unheard.isPresent() && unheard.get().isSome()) {
                slot.relieve(unheard.get());
            }
        }
    }

    /** A connection that waits has ended. */
    void ended(UpstreamLink link) {
        slot(link.side()).remove(link);
    }

    /** Nobody forwards there any more. */
    void close() {
        closed = true;
        for (Slot slot : slots) {
            if (slot != null) {
                slot.side.netty().execute(() -> slot.drain(Long.MAX_VALUE));
            }
        }
    }

    /** A connection has got a request, its first one if not {@code again}. */
    void begins(UpstreamLink link, boolean again, long now) {
        if (!again && unheard.isPresent()) {
            unheard.get().add(link, now);
        }
    }

    /** Makes a connection one that speaks HTTP/2; a handler that puts requests on it may be there already. */
    void speakHttp2(ChannelPipeline pipeline, Optional<String> requests) {
        Http2Bridge.install(pipeline, requests, endpoint.tls().isPresent(), LONGEST_HEAD);
    }

    /** Takes the answers of a connection apart. */
    AnswerReader answers(AnswerReader.Sink sink) {
        return endpoint.fastCgi() ? new FastCgiAnswers(LONGEST_HEAD, sink) : new HttpAnswers(LONGEST_HEAD, sink);
    }

    /** Something was heard of the request of a connection, or never will be. */
    void heard(UpstreamLink link) {
        if (unheard.isPresent()) {
            unheard.get().remove(link);
        }
    }

    /** Whether the server needs a connection that is free for another one, which it has not accepted. */
    boolean isWanted(long now) {
        return unheard.isPresent() && unheard.get().claims(now);
    }

    void opened() {
        opened.increment();
    }

    void reused() {
        reused.increment();
    }

    /** Connections made so far. */
    long openings() {
        return opened.sum();
    }

    /** Requests so far that took a connection that was there. */
    long reuses() {
        return reused.sum();
    }

    private Slot slot(LoopSide side) {
        Slot[] seen = slots;
        int index = side.http().index();
        return index < seen.length && seen[index] != null && seen[index].side == side ? seen[index] : newSlot(side);
    }

    private synchronized Slot newSlot(LoopSide side) {
        int index = side.http().index();
        Slot[] more = Arrays.copyOf(slots, Math.max(slots.length, index + 1));
        if (more[index] == null || more[index].side != side) {
            more[index] = new Slot(side);
            slots = more;
        }
        return more[index];
    }

    /** What one loop keeps, the longest waiting first. Armed and drained on that loop. */
    private static final class Slot {
        private final LoopSide side;
        private final ArrayDeque<UpstreamLink> idle = new ArrayDeque<>();
        private boolean armed;
        private boolean relieving;

        Slot(LoopSide side) {
            this.side = side;
        }

        synchronized boolean add(UpstreamLink link) {
            return idle.size() < MOST && idle.add(link);
        }

        synchronized Optional<UpstreamLink> pollLast() {
            return Optional.ofNullable(idle.pollLast());
        }

        synchronized void remove(UpstreamLink link) {
            idle.remove(link);
        }

        /** Looks soon whether what is kept is in the way of requests that nobody accepts. */
        void relieve(Unheard waiting) {
            if (!relieving) {
                relieving = true;
                side.netty().schedule(() -> {
                    relieving = false;
                    while (isAnyIdle() && waiting.claims(side.now())) {
                        pollLast().ifPresent(UpstreamLink::close);
                    }
                    if (isAnyIdle() && waiting.isSome()) {
                        relieve(waiting);
                    }
                }, Unheard.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            }
        }

        private synchronized boolean isAnyIdle() {
            return !idle.isEmpty();
        }

        void arm() {
            if (!armed) {
                armed = true;
                side.netty().schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
            }
        }

        private void look() {
            armed = false;
            if (drain(side.now())) {
                arm();
            }
        }

        /** Closes those whose time is over; whether some are left. */
        private boolean drain(long now) {
            List<UpstreamLink> over = new ArrayList<>();
            boolean left;
            synchronized (this) {
                while (!idle.isEmpty() && (now == Long.MAX_VALUE || now - idle.peekFirst().idleUntil() >= 0)) {
                    over.add(idle.pollFirst());
                }
                left = !idle.isEmpty();
            }
            over.forEach(UpstreamLink::close);
            return left;
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.posix.HostPort;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The connections to one server that take a request, of all loops: a loop that has none takes an idle one of another,
 * which then moves to it. Safe for all threads.
 */
final class LinkPool {
    /** What a head may have (spec/routing.md §9.3). */
    static final int LONGEST_HEAD = 64 << 10;

    private final Endpoint endpoint;
    private final LongAdder opened = new LongAdder();
    private final LongAdder reused = new LongAdder();
    private volatile LoopSlot[] slots = {};
    private volatile boolean closed;
    private volatile boolean single;

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
    Optional<Kept> take(LoopSide side) {
        if (lookup.isPresent()) {
            lookup.get().refresh(side.now(), side.netty());
        }
        LoopSlot slot = slot(side);
        return held(slot, slot::pollLast);
    }

    /** The next one whose server the name still stands for; others are given up. */
    private Optional<Kept> held(LoopSlot slot, Supplier<Optional<Kept>> poll) {
        Optional<Kept> one = poll.get();
        while (lookup.isPresent() && one.isPresent() && !lookup.get().holds(one.get().server())) {
            slot.side().netty().execute(one.get()::retire);
            one = poll.get();
        }
        return one;
    }

    /** A connection of another loop that has no request, taken out of its keeping. */
    Optional<Kept> takeElsewhere(LoopSide side) {
        for (LoopSlot slot : slots) {
            if (slot != null && slot.side() != side) {
                Optional<Kept> one = held(slot, slot::pollIdle);
                if (one.isPresent()) {
                    return one;
                }
            }
        }
        return Optional.empty();
    }

    /** Keeps a connection for the next request, on its loop; gives it up when there are enough. */
    void give(Kept one) {
        LoopSlot slot = slot(one.side());
        if (closed || !slot.add(one)) {
            one.retire();
        } else {
            slot.arm();
            if (unheard.isPresent() && unheard.get().isSome()) {
                slot.relieve(unheard.get());
            }
        }
    }

    /** A connection that is kept has ended. */
    void ended(Kept one) {
        slot(one.side()).remove(one);
    }

    /**
     * A request of a connection that takes several has ended.
     *
     * @param again whether it takes another one
     */
    void freed(Http2Line line, boolean again) {
        LoopSlot slot = slot(line.side());
        if (!slot.free(line, again && !closed) || closed) {
            line.retire();
        } else {
            slot.arm();
        }
    }

    /**
     * Makes a connection for a request, or lets the request wait for one that is just being made and may have several.
     *
     * @param until when the link gives up by itself
     */
    void dial(UpstreamLink link, Forward of, LoopSide side, long until) {
        if (!endpoint.http2()) {
            new Dial(link, of, this, side, until).begin();
            return;
        }
        LoopSlot slot = slot(side);
        boolean alone = of.timeouts().idle() == 0 || single;
        if (!alone && slot.making().isPresent() && slot.making().get().join(link)) {
            return;
        }
        Http2Line line = new Http2Line(this, side, of.timeouts().idle());
        if (!alone) {
            slot.making(Optional.of(line));
        }
        line.open(link, of, until);
    }

    /** Nobody waits any more for a connection that was being made. */
    void made(Http2Line line) {
        LoopSlot slot = slot(line.side());
        if (slot.making().filter(line::equals).isPresent()) {
            slot.making(Optional.empty());
        }
    }

    /** What the server was found to speak: whether a connection has one request at a time. */
    void single(boolean on) {
        single = on;
    }

    /** Nobody forwards there any more. */
    void close() {
        closed = true;
        for (LoopSlot slot : slots) {
            if (slot != null) {
                clear(slot);
            }
        }
    }

    private static void clear(LoopSlot slot) {
        try {
            slot.side().netty().execute(slot::clear);
        } catch (RejectedExecutionException e) {
            // The loop has ended, as the last request of a router that leaves may be the last user: so have they.
            return;
        }
    }

    /** A connection has got a request, its first one if not {@code again}. */
    void begins(UpstreamLink link, boolean again, long now) {
        if (!again && unheard.isPresent()) {
            unheard.get().add(link, now);
        }
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

    private LoopSlot slot(LoopSide side) {
        LoopSlot[] seen = slots;
        int index = side.http().index();
        return index < seen.length && seen[index] != null && seen[index].side() == side ? seen[index] : newSlot(side);
    }

    private synchronized LoopSlot newSlot(LoopSide side) {
        int index = side.http().index();
        LoopSlot[] more = Arrays.copyOf(slots, Math.max(slots.length, index + 1));
        if (more[index] == null || more[index].side() != side) {
            more[index] = new LoopSlot(side);
            slots = more;
        }
        return more[index];
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.margay.log.ErrorLog;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.util.AttributeKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What the connections of one event loop share, whatever their protocol: counters, clock and date, error pages, and
 * one coarse timer for all their deadlines. Everything but the constructor and the counters is used on the loop only.
 */
public final class HttpLoop {
    /** Distance of two looks at the deadlines, milliseconds: a timeout may come so much late. */
    private static final int TICK = 500;
    /** Set on channels that another protocol has had before. */
    private static final AttributeKey<Boolean> HANDED_OVER = AttributeKey.valueOf(HttpLoop.class, "handed over");

    private final EventLoop netty;
    private final int index;
    private final String version;
    private final ErrorLog log;
    private final LongSupplier nanos;
    private final boolean turns;
    private final HttpCounters counters = new HttpCounters();
    private final ErrorPages pages = new ErrorPages();
    private final byte[] date = new byte[HttpDate.LENGTH];
    private final ZlibPool zlib = new ZlibPool();
    private final Runnable turnEnd = this::endTurn;
    private ResponseHead spare = new ResponseHead();
    private boolean spareTaken;
    private long clock;
    private boolean clockRead;
    private LoopConnection first;
    private long waits;
    private boolean ticking;
    /** Null while nobody looks: each request asks, and shall pay no more than that for it. */
    private volatile ExchangeProbe probe;
    /** Who wants to know when the last connection is gone. */
    private List<CompletableFuture<Void>> waiting = List.of();

    /**
     * Creates the shared state of one loop.
     *
     * @param netty the loop
     * @param index its number among the loops of the router
     * @param version what {@code Server} names after {@code Unit/}
     * @param log takes what connections report
     */
    public HttpLoop(EventLoop netty, int index, String version, ErrorLog log) {
        this(netty, index, version, log, System::nanoTime, netty instanceof SingleThreadEventLoop);
    }

    /** Creates the shared state of a loop whose clock is set from outside, for tests. */
    public HttpLoop(EventLoop netty, int index, String version, ErrorLog log, LongSupplier nanos) {
        this(netty, index, version, log, nanos, false);
    }

    private HttpLoop(EventLoop netty, int index, String version, ErrorLog log, LongSupplier nanos, boolean turns) {
        this.netty = netty;
        this.index = index;
        this.version = version;
        this.log = log;
        this.nanos = nanos;
        this.turns = turns;
        refreshDate();
    }

    /** The event loop. */
    public EventLoop netty() {
        return netty;
    }

    /** The number of this loop. */
    public int index() {
        return index;
    }

    /** What {@code Server} names after {@code Unit/}. */
    public String version() {
        return version;
    }

    /** Takes what connections report. */
    public ErrorLog log() {
        return log;
    }

    /** The counters of this loop; they may be read on any thread. */
    public HttpCounters counters() {
        return counters;
    }

    /** Who looks at the exchanges of this loop; null, most of the time, if nobody does. On any thread. */
    public ExchangeProbe probe() {
        return probe;
    }

    /** Shows requests that begin from now on to a probe; on any thread. */
    public synchronized void watch(ExchangeProbe added) {
        probe = ProbePair.of(probe, added);
    }

    /** Shows a probe nothing more; one that was not there has no effect. On any thread. */
    public synchronized void unwatch(ExchangeProbe removed) {
        probe = ProbePair.without(probe, removed);
    }

    /** Error pages (spec/http.md §11). */
    public ErrorPages pages() {
        return pages;
    }

    /** Nanoseconds like {@link System#nanoTime()}, read once in each turn of the loop. */
    public long now() {
        if (!turns) {
            return nanos.getAsLong();
        }
        if (!clockRead) {
            clockRead = true;
            clock = nanos.getAsLong();
            ((SingleThreadEventLoop) netty).executeAfterEventLoopIteration(turnEnd);
        }
        return clock;
    }

    private void endTurn() {
        clockRead = false;
    }

    /** The date of now as HTTP writes it, {@link HttpDate#LENGTH} bytes; at most a tick old, not to be changed. */
    public byte[] date() {
        return date;
    }

    /** What compressed messages share. */
    ZlibPool zlib() {
        return zlib;
    }

    /** A head to be filled, not cleared; {@link #give} it back. */
    public ResponseHead takeHead() {
        if (spareTaken) {
            return new ResponseHead();
        }
        spareTaken = true;
        return spare;
    }

    /** Gives back a head that nobody uses any more. */
    public void give(ResponseHead head) {
        if (head == spare) {
            spareTaken = false;
            if (head.isLarge()) {
                spare = new ResponseHead();
            }
        }
    }

    /** Adds a connection that waits for its first request, and shows it to who looks unless it was handed over. */
    public void add(LoopConnection connection, Channel channel) {
        add(connection);
        if (channel.hasAttr(HANDED_OVER)) {
            counters.sameAgain();
            return;
        }
        ExchangeProbe looking = probe;
        if (looking != null) {
            looking.opened(channel);
        }
    }

    /**
     * Takes away a connection as {@link #remove} does. If its channel goes on with another protocol, what that
     * {@linkplain #add adds} counts as the same.
     */
    public void handOver(LoopConnection connection, Channel channel) {
        if (connection.listed && channel.isActive()) {
            channel.attr(HANDED_OVER).set(true);
        }
        remove(connection);
    }

    /** Adds a connection that waits for its first request. */
    public void add(LoopConnection connection) {
        connection.next = first;
        connection.previous = null;
        connection.listed = true;
        if (first != null) {
            first.previous = connection;
        }
        first = connection;
        counters.opened();
        rested(connection);
        if (!ticking) {
            ticking = true;
            refreshDate();
            netty.schedule(this::tick, TICK, TimeUnit.MILLISECONDS);
        }
    }

    /** A connection has begun to work on a request. */
    public void begun(LoopConnection connection) {
        if (connection.idle) {
            connection.idle = false;
            counters.rests(-1);
        }
    }

    /** A connection waits for a request again. */
    public void rested(LoopConnection connection) {
        if (!connection.idle && connection.listed) {
            connection.idle = true;
            connection.order = waits++;
            counters.rests(1);
        }
    }

    /** Takes away a connection that has ended; a second time has no effect. */
    public void remove(LoopConnection connection) {
        if (!connection.listed) {
            return;
        }
        begun(connection);
        connection.listed = false;
        if (connection.previous != null) {
            connection.previous.next = connection.next;
        } else {
            first = connection.next;
        }
        if (connection.next != null) {
            connection.next.previous = connection.previous;
        }
        counters.ended();
        if (first == null && !waiting.isEmpty()) {
            List<CompletableFuture<Void>> told = waiting;
            waiting = List.of();
            told.forEach(each -> each.complete(null));
        }
    }

    /** Completes on the loop when there is no connection, maybe at once; on any thread. */
    public CompletionStage<Void> empty() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        netty.execute(() -> {
            if (first == null) {
                result.complete(null);
            } else {
                List<CompletableFuture<Void>> more = new ArrayList<>(waiting);
                more.add(result);
                waiting = more;
            }
        });
        return result;
    }

    /** Ends all connections that wait for a request; on any thread. */
    public void leaveIdle() {
        netty.execute(() -> {
            for (LoopConnection c = first; c != null;) {
                LoopConnection following = c.next;
                if (c.idle) {
                    c.closeIfIdle(true);
                }
                c = following;
            }
        });
    }

    /**
     * Closes connections that wait for a request, the longest waiting first, to free descriptors.
     *
     * @return how many were closed
     */
    public int closeIdle(int most) {
        PriorityQueue<LoopConnection> oldest =
            new PriorityQueue<>(Comparator.comparingLong((LoopConnection c) -> c.order));
        for (LoopConnection c = first; c != null; c = c.next) {
            if (c.idle) {
                oldest.add(c);
            }
        }
        int closed = 0;
        while (closed < most && !oldest.isEmpty()) {
            closed += oldest.remove().closeIfIdle(false) ? 1 : 0;
        }
        return closed;
    }

    private void tick() {
        if (first == null) {
            ticking = false;
            return;
        }
        netty.schedule(this::tick, TICK, TimeUnit.MILLISECONDS);
        check();
    }

    /** Looks at the deadlines of all connections; done by itself about twice a second. */
    public void check() {
        refreshDate();
        long now = now();
        for (LoopConnection c = first; c != null;) {
            LoopConnection following = c.next;
            c.check(now);
            c = following;
        }
    }

    private void refreshDate() {
        HttpDate.write(System.currentTimeMillis() / 1000, date, 0);
    }
}

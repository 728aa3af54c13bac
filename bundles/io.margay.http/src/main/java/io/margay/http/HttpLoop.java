// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What the connections of one event loop share: counters, the cached date, spare request heads and one coarse timer
 * for all their deadlines. Everything but the constructor and the counters is used on the loop only.
 */
public final class HttpLoop {
    /** Distance of two looks at the deadlines, milliseconds: a timeout may come so much late. */
    static final int TICK = 500;

    private static final int SPARE_HEADS = 256;
    private static final byte[] DATE = "Date: ".getBytes(StandardCharsets.ISO_8859_1);

    private final EventLoop netty;
    private final int index;
    private final LongSupplier nanos;
    private final HttpCounters counters = new HttpCounters();
    private final ResponseFields fields = new ResponseFields();
    private final HeadRules rules = new HeadRules();
    private final ArrayDeque<HeadParser> spare = new ArrayDeque<>();
    private final SpareBuffer input = new SpareBuffer();
    private final SpareBuffer output = new SpareBuffer();
    private final byte[] version;
    private final byte[] longLines;
    private final byte[] shortLines;
    private final byte[] dateLine;
    private HttpConnection first;
    private boolean ticking;

    /**
     * Creates the shared state of one loop.
     *
     * @param netty the loop
     * @param index its number among the loops of the router
     * @param version what {@code Server} names after {@code Unit/}
     */
    public HttpLoop(EventLoop netty, int index, String version) {
        this(netty, index, version, System::nanoTime);
    }

    HttpLoop(EventLoop netty, int index, String version, LongSupplier nanos) {
        this.netty = netty;
        this.index = index;
        this.nanos = nanos;
        this.version = ("Server: Unit/" + version + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        byte[] plain = "Server: Unit\r\n".getBytes(StandardCharsets.ISO_8859_1);
        dateLine = new byte[DATE.length + HttpDate.LENGTH + 2];
        System.arraycopy(DATE, 0, dateLine, 0, DATE.length);
        dateLine[dateLine.length - 2] = '\r';
        dateLine[dateLine.length - 1] = '\n';
        longLines = join(this.version, dateLine);
        shortLines = join(plain, dateLine);
        refreshDate();
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] both = new byte[a.length + b.length];
        System.arraycopy(a, 0, both, 0, a.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    /** The event loop. */
    public EventLoop netty() {
        return netty;
    }

    /** The number of this loop. */
    public int index() {
        return index;
    }

    /** The counters of this loop; they may be read on any thread. */
    public HttpCounters counters() {
        return counters;
    }

    /**
     * Closes connections that wait for a request, the longest waiting first, to free descriptors.
     *
     * @return how many were closed
     */
    public int closeIdle(int most) {
        int closed = 0;
        for (HttpConnection c = first; c != null && closed < most;) {
            HttpConnection next = c.next;
            if (c.closeIfIdle()) {
                closed++;
            }
            c = next;
        }
        return closed;
    }

    long now() {
        return nanos.getAsLong();
    }

    ResponseFields fields() {
        return fields;
    }

    HeadRules rules() {
        return rules;
    }

    /** What a connection reads a head into. */
    SpareBuffer spareInput() {
        return input;
    }

    /** What a connection gathers a response in. */
    SpareBuffer spareOutput() {
        return output;
    }

    HeadParser takeParser() {
        HeadParser parser = spare.pollLast();
        return parser != null ? parser : new HeadParser();
    }

    void giveParser(HeadParser parser) {
        // Heads that grew are left to the collector, so that idle memory stays small.
        if (spare.size() < SPARE_HEADS && parser.head().array().length <= 2 * HeadParser.FIRST_BUFFER) {
            spare.addLast(parser);
        }
    }

    /** The lines {@code Server} and {@code Date}. */
    byte[] serverAndDate(boolean withVersion) {
        return withVersion ? longLines : shortLines;
    }

    /** Length of the {@code Date} line, which ends what {@link #serverAndDate} gives. */
    int dateLength() {
        return dateLine.length;
    }

    void add(HttpConnection connection) {
        connection.next = first;
        connection.previous = null;
        if (first != null) {
            first.previous = connection;
        }
        first = connection;
        counters.opened();
        if (!ticking) {
            ticking = true;
            refreshDate();
            netty.schedule(this::tick, TICK, TimeUnit.MILLISECONDS);
        }
    }

    void remove(HttpConnection connection, boolean wasIdle) {
        if (connection.previous != null) {
            connection.previous.next = connection.next;
        } else {
            first = connection.next;
        }
        if (connection.next != null) {
            connection.next.previous = connection.previous;
        }
        counters.ended(wasIdle);
    }

    private void tick() {
        if (first == null) {
            ticking = false;
            return;
        }
        netty.schedule(this::tick, TICK, TimeUnit.MILLISECONDS);
        check();
    }

    /** Looks at the deadlines of all connections. */
    void check() {
        refreshDate();
        long now = now();
        for (HttpConnection c = first; c != null;) {
            HttpConnection next = c.next;
            c.check(now);
            c = next;
        }
    }

    private void refreshDate() {
        HttpDate.write(System.currentTimeMillis() / 1000, dateLine, DATE.length);
        System.arraycopy(dateLine, 0, longLines, longLines.length - dateLine.length, dateLine.length);
        System.arraycopy(dateLine, 0, shortLines, shortLines.length - dateLine.length, dateLine.length);
    }
}

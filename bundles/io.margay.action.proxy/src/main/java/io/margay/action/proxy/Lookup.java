// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.posix.HostPort;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * The addresses of a host, asked for when a connection is first wanted, and again when their time is over while
 * requests come: nobody waits then. Addresses that were found once serve until others are found, whatever goes wrong.
 * Safe for all threads.
 */
final class Lookup {
    /** Bounds of the time for which an answer is taken for good, seconds. */
    static final long LEAST_SECONDS = 1;
    static final long MOST_SECONDS = 3600;
    /** When it is asked again after there was no answer, seconds. */
    static final long AGAIN_SECONDS = 5;
    /** A question that has no answer then has none: its loop may have ended. */
    private static final long LOST_SECONDS = 60;
    /** How long an address that took no connection comes after the others, seconds. */
    private static final long AVOIDED_SECONDS = 10;
    private static final int MOST_WAITING = 10_000;

    /** Asks for the addresses of a name; does not block. */
    interface Resolver {
        CompletionStage<NameAnswer> find(String host, EventLoop loop);
    }

    private final HostPort host;
    private final Resolver resolver;
    private volatile Set<SocketAddress> held = Set.of();
    /** When it is asked again. */
    private volatile long due;
    private List<InetSocketAddress> known = List.of();
    /** Until when addresses come last. */
    private final Map<SocketAddress, Long> avoided = new HashMap<>();
    private List<CompletableFuture<List<SocketAddress>>> waiting = new ArrayList<>();
    private int turn;

    /**
     * Creates one that has not asked yet.
     *
     * @param now of {@link System#nanoTime()}, as all times here
     */
    Lookup(HostPort host, Resolver resolver, long now) {
        this.host = host;
        this.resolver = resolver;
        due = now;
    }

    /**
     * The addresses in the order in which they are to be tried, each time another one first.
     *
     * @param loop where it may be asked
     * @return complete if some are known, otherwise when there is an answer, on some thread
     */
    CompletableFuture<List<SocketAddress>> next(long now, EventLoop loop) {
        CompletableFuture<List<SocketAddress>> addresses = new CompletableFuture<>();
        synchronized (this) {
            if (!known.isEmpty()) {
                addresses.complete(inTurn(now));
            } else if (waiting.size() < MOST_WAITING) {
                waiting.add(addresses);
            } else {
                addresses.completeExceptionally(new UnknownHostException("too many wait for its addresses"));
            }
        }
        refresh(now, loop);
        return addresses;
    }

    /** Asks again if it is time. */
    void refresh(long now, EventLoop loop) {
        if (now - due >= 0 && begins(now)) {
            resolver.find(host.host(), loop).whenComplete((found, failure) -> {
                if (failure == null) {
                    answered(found, "");
                } else {
                    answered(new NameAnswer(List.of(), 0), "it has no address: " + failure.getMessage());
                }
            });
        }
    }

    private synchronized boolean begins(long now) {
        boolean first = now - due >= 0;
        if (first) {
            due = now + TimeUnit.SECONDS.toNanos(LOST_SECONDS);
        }
        return first;
    }

    private List<SocketAddress> inTurn(long now) {
        List<SocketAddress> good = new ArrayList<>(known.size());
        List<SocketAddress> bad = new ArrayList<>();
        int first = Math.floorMod(turn++, known.size());
        for (int i = 0; i < known.size(); i++) {
            SocketAddress each = known.get((first + i) % known.size());
            Long until = avoided.get(each);
            (until != null && now - until < 0 ? bad : good).add(each);
        }
        good.addAll(bad);
        return good;
    }

    /** An address took no connection: the others are tried first for a while. */
    synchronized void avoid(SocketAddress address, long now) {
        if (held.contains(address)) {
            avoided.put(address, now + TimeUnit.SECONDS.toNanos(AVOIDED_SECONDS));
        }
    }

    /** Whether an address is one of the host. */
    boolean holds(SocketAddress address) {
        return address != null && held.contains(address);
    }

    /** The addresses that serve now; none before they were found for the first time. */
    synchronized List<String> addresses() {
        return known.stream().map(address -> address.getAddress().getHostAddress()).toList();
    }

    private void answered(NameAnswer answer, String failure) {
        List<CompletableFuture<List<SocketAddress>>> asked;
        List<List<SocketAddress>> orders = new ArrayList<>();
        long now = System.nanoTime();
        synchronized (this) {
            due = now + TimeUnit.SECONDS.toNanos(failure.isEmpty()
                ? Math.clamp(answer.seconds(), LEAST_SECONDS, MOST_SECONDS)
                : known.isEmpty() ? LEAST_SECONDS : AGAIN_SECONDS);
            if (failure.isEmpty()) {
                known = answer.addresses().stream().distinct()
                    .map(address -> new InetSocketAddress(address, host.port())).toList();
                held = new HashSet<>(known);
                avoided.keySet().retainAll(held);
            }
            asked = waiting;
            waiting = new ArrayList<>();
            asked.forEach(each -> orders.add(known.isEmpty() ? List.of() : inTurn(now)));
        }
        for (int i = 0; i < asked.size(); i++) {
            if (orders.get(i).isEmpty()) {
                asked.get(i).completeExceptionally(new UnknownHostException(failure));
            } else {
                asked.get(i).complete(orders.get(i));
            }
        }
    }
}

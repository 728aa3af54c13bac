// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.posix.HostPort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The addresses of a host, looked up when a connection is first wanted and again while connections are: the system's
 * resolver is asked on an executor, loops never wait. Addresses that were found once serve until others are found.
 * Safe for all threads.
 */
final class Lookup {
    /** How long an answer is taken for good; the system's resolver tells no time. */
    private static final long FRESH_NANOS = 10_000_000_000L;

    /** Asks for the addresses of a name; blocks. */
    interface Resolver {
        InetAddress[] find(String host) throws UnknownHostException;
    }

    private final HostPort host;
    private final Resolver resolver;
    private final Executor executor;
    private final AtomicInteger turn = new AtomicInteger();
    private List<InetSocketAddress> known = List.of();
    private long freshUntil;
    private List<CompletableFuture<SocketAddress>> waiting = new ArrayList<>();
    private boolean asking;

    Lookup(HostPort host, Resolver resolver, Executor executor) {
        this.host = host;
        this.resolver = resolver;
        this.executor = executor;
    }

    /** The next address in turn. Completes at once when one is known, otherwise on the executor. */
    CompletableFuture<SocketAddress> next(long now) {
        CompletableFuture<SocketAddress> address = new CompletableFuture<>();
        boolean ask;
        synchronized (this) {
            ask = !asking && (known.isEmpty() || now - freshUntil >= 0);
            asking |= ask;
            if (known.isEmpty()) {
                waiting.add(address);
            } else {
                address.complete(inTurn());
            }
        }
        if (ask) {
            try {
                executor.execute(this::ask);
            } catch (RejectedExecutionException e) {
                answered(List.of(), "too many names are being looked up");
            }
        }
        return address;
    }

    private synchronized SocketAddress inTurn() {
        return known.get(Math.floorMod(turn.getAndIncrement(), known.size()));
    }

    /** The addresses that serve now; none before they were found for the first time. */
    synchronized List<String> addresses() {
        return known.stream().map(address -> address.getAddress().getHostAddress()).toList();
    }

    private void ask() {
        try {
            answered(Arrays.stream(resolver.find(host.host()))
                .map(address -> new InetSocketAddress(address, host.port())).toList(), "it has no address");
        } catch (UnknownHostException | RuntimeException e) {
            answered(List.of(), "it has no address: " + e.getMessage());
        }
    }

    private void answered(List<InetSocketAddress> found, String failure) {
        List<CompletableFuture<SocketAddress>> asked;
        synchronized (this) {
            asking = false;
            freshUntil = System.nanoTime() + FRESH_NANOS;
            if (!found.isEmpty()) {
                known = List.copyOf(found);
            }
            asked = waiting;
            waiting = new ArrayList<>();
        }
        for (CompletableFuture<SocketAddress> each : asked) {
            if (found.isEmpty()) {
                each.completeExceptionally(new UnknownHostException(failure));
            } else {
                each.complete(inTurn());
            }
        }
    }
}

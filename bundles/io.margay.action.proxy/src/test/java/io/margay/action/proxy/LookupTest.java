// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.HostPort;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Names are asked for when they are wanted, once for all who wait. */
class LookupTest {
    private final List<String> asked = new ArrayList<>();
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private String answer = "10.0.0.1 10.0.0.2";

    private final Lookup lookup = new Lookup(new HostPort("a.example", 80), this::find, tasks::add);

    private InetAddress[] find(String host) throws UnknownHostException {
        asked.add(host);
        if (answer.isEmpty()) {
            throw new UnknownHostException(host);
        }
        List<InetAddress> all = new ArrayList<>();
        for (String text : answer.split(" ")) {
            all.add(InetAddress.getByName(text));
        }
        return all.toArray(InetAddress[]::new);
    }

    private void work() {
        while (!tasks.isEmpty()) {
            tasks.poll().run();
        }
    }

    @Test
    void allWhoWaitGetOneAnswerInTurn() {
        long now = System.nanoTime();
        CompletableFuture<SocketAddress> first = lookup.next(now);
        CompletableFuture<SocketAddress> second = lookup.next(now);
        assertFalse(first.isDone());
        work();
        assertEquals(List.of("a.example"), asked);
        assertEquals("/10.0.0.1:80", first.join().toString());
        assertEquals("/10.0.0.2:80", second.join().toString());
        assertEquals("/10.0.0.1:80", lookup.next(now).join().toString());
        assertTrue(tasks.isEmpty(), "it is known");
    }

    @Test
    void anOldAnswerServesWhileANewOneIsAwaited() {
        lookup.next(System.nanoTime());
        work();
        answer = "10.0.0.9";
        long later = System.nanoTime() + 60_000_000_000L;
        assertEquals("/10.0.0.2:80", lookup.next(later).join().toString());
        work();
        assertEquals("/10.0.0.9:80", lookup.next(later).join().toString());
        answer = "";
        work();
        assertEquals("/10.0.0.9:80", lookup.next(later).join().toString(), "no answer takes nothing away");
    }

    @Test
    void theAddressesInUseAreShown() {
        LinkPool pool = new LinkPool(new Endpoint("a.example:80"), name -> lookup);
        assertEquals(List.of(), pool.addresses().orElseThrow());
        lookup.next(System.nanoTime());
        work();
        assertEquals(List.of("10.0.0.1", "10.0.0.2"), pool.addresses().orElseThrow());
        answer = "";
        lookup.next(System.nanoTime() + 60_000_000_000L);
        work();
        assertEquals(List.of("10.0.0.1", "10.0.0.2"), pool.addresses().orElseThrow(), "they serve on");
        for (String address : List.of("127.0.0.1:80", "[::1]:80", "unix:/a")) {
            assertTrue(new LinkPool(new Endpoint(address), name -> lookup).addresses().isEmpty(), address);
        }
    }

    @Test
    void nothingFoundIsSaidToAll() {
        answer = "";
        CompletableFuture<SocketAddress> first = lookup.next(System.nanoTime());
        work();
        assertEquals("it has no address: a.example", first.handle((found, failure) -> failure.getMessage()).join());
        answer = "10.0.0.3";
        CompletableFuture<SocketAddress> again = lookup.next(System.nanoTime());
        work();
        assertEquals("/10.0.0.3:80", again.join().toString());
    }

    @Test
    void tooManyAreRefused() {
        Lookup busy = new Lookup(new HostPort("a.example", 80), this::find, task -> {
            throw new RejectedExecutionException();
        });
        assertEquals("too many names are being looked up", busy.next(0).handle((found, failure) ->
            failure.getMessage()).join());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.HostPort;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names are asked for when they are wanted, once for all who wait, and again when the answer is too old. */
class LookupTest {
    private static final long SECOND = 1_000_000_000L;

    private final List<String> asked = new ArrayList<>();
    private final List<CompletableFuture<NameAnswer>> questions = new ArrayList<>();
    private final long start = System.nanoTime();
    private final Lookup lookup = new Lookup(new HostPort("a.example", 80), this::find, start);

    private CompletionStage<NameAnswer> find(String host, EventLoop loop) {
        asked.add(host);
        questions.add(new CompletableFuture<>());
        return questions.getLast();
    }

    private void answer(long seconds, String... addresses) {
        questions.getLast().complete(new NameAnswer(Arrays.stream(addresses).map(InetAddress::ofLiteral).toList(),
            seconds));
    }

    private void fail(String why) {
        questions.getLast().completeExceptionally(new UnknownHostException(why));
    }

    private String next(long now) {
        return String.valueOf(lookup.next(now, null).join());
    }

    @Test
    void allWhoWaitGetOneAnswerInTurn() {
        CompletableFuture<List<SocketAddress>> first = lookup.next(start, null);
        CompletableFuture<List<SocketAddress>> second = lookup.next(start, null);
        assertFalse(first.isDone());
        answer(60, "10.0.0.1", "10.0.0.2", "10.0.0.1");
        assertEquals("[/10.0.0.1:80, /10.0.0.2:80]", first.join().toString());
        assertEquals("[/10.0.0.2:80, /10.0.0.1:80]", second.join().toString());
        assertEquals("[/10.0.0.1:80, /10.0.0.2:80]", next(start));
        assertEquals(List.of("a.example"), asked, "once");
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "30, 30", "3600, 3600", "86400, 3600", "2147483647, 3600"})
    void anAnswerIsGoodForItsTimeWithinBounds(long seconds, long good) {
        lookup.next(start, null);
        long before = System.nanoTime();
        answer(seconds, "10.0.0.1");
        long after = System.nanoTime();
        lookup.refresh(before + good * SECOND - 1, null);
        assertEquals(1, asked.size(), "it is good");
        lookup.refresh(after + good * SECOND, null);
        lookup.refresh(after + good * SECOND, null);
        assertEquals(2, asked.size(), "it is asked again, once");
    }

    @Test
    void anOldAnswerServesUntilThereIsANewOne() {
        lookup.next(start, null);
        answer(1, "10.0.0.1", "10.0.0.2");
        long later = System.nanoTime() + 60 * SECOND;
        assertEquals("[/10.0.0.2:80, /10.0.0.1:80]", next(later));
        assertEquals(2, asked.size());
        fail("SERVFAIL");
        assertEquals("[/10.0.0.1:80, /10.0.0.2:80]", next(start), "no answer takes nothing away");
        long again = System.nanoTime();
        lookup.refresh(again, null);
        assertEquals(2, asked.size(), "not at once");
        lookup.refresh(again + Lookup.AGAIN_SECONDS * SECOND, null);
        assertEquals(3, asked.size());
        answer(1, "10.0.0.9");
        assertEquals("[/10.0.0.9:80]", next(start));
    }

    @Test
    void aQuestionThatIsLostIsAskedAgain() {
        lookup.next(start, null);
        lookup.refresh(start + 59 * SECOND, null);
        assertEquals(1, asked.size());
        lookup.refresh(start + 60 * SECOND, null);
        assertEquals(2, asked.size());
    }

    @Test
    void addressesThatTakeNoConnectionComeLast() {
        lookup.next(start, null);
        answer(60, "10.0.0.1", "10.0.0.2", "10.0.0.3");
        SocketAddress bad = lookup.next(start, null).join().get(0);
        assertEquals("/10.0.0.2:80", bad.toString());
        lookup.avoid(bad, start);
        assertEquals("[/10.0.0.3:80, /10.0.0.1:80, /10.0.0.2:80]", next(start));
        assertEquals("[/10.0.0.1:80, /10.0.0.3:80, /10.0.0.2:80]", next(start));
        assertEquals("[/10.0.0.3:80, /10.0.0.1:80, /10.0.0.2:80]", next(start), "not first when it is its turn");
        assertEquals("[/10.0.0.3:80, /10.0.0.1:80, /10.0.0.2:80]", next(start + 9 * SECOND));
        assertEquals("[/10.0.0.1:80, /10.0.0.2:80, /10.0.0.3:80]", next(start + 10 * SECOND), "for a while");
    }

    @Test
    void theAddressesInUseAreShownAndHeld() {
        LinkPool pool = new LinkPool(new Endpoint("a.example:80"), name -> lookup);
        assertEquals(List.of(), pool.addresses().orElseThrow());
        lookup.next(start, null);
        answer(1, "10.0.0.1", "fd00::1");
        assertEquals(List.of("10.0.0.1", "fd00:0:0:0:0:0:0:1"), pool.addresses().orElseThrow());
        SocketAddress first = lookup.next(start, null).join().getLast();
        assertTrue(lookup.holds(first));
        lookup.refresh(System.nanoTime() + 60 * SECOND, null);
        answer(1, "10.0.0.2");
        assertFalse(lookup.holds(first), "connections to it are of no use any more");
        assertFalse(lookup.holds(null), "a connection that has ended leads nowhere");
        for (String address : List.of("127.0.0.1:80", "[::1]:80", "unix:/a")) {
            assertTrue(new LinkPool(new Endpoint(address), name -> lookup).addresses().isEmpty(), address);
        }
    }

    @Test
    void nothingFoundIsSaidToAll() {
        CompletableFuture<List<SocketAddress>> first = lookup.next(start, null);
        fail("NXDOMAIN");
        assertEquals("it has no address: NXDOMAIN", first.handle((found, failure) -> failure.getMessage()).join());
        CompletableFuture<List<SocketAddress>> again = lookup.next(System.nanoTime() + SECOND, null);
        answer(60, "10.0.0.3");
        assertEquals("[/10.0.0.3:80]", again.join().toString());
    }

    @Test
    void whoWaitsIsBounded() {
        for (int i = 0; i < 10_000; i++) {
            assertFalse(lookup.next(start, null).isDone());
        }
        assertEquals("too many wait for its addresses", lookup.next(start, null)
            .handle((found, failure) -> failure.getMessage()).join());
    }
}

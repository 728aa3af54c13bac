// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.log.ErrorLog;
import io.margay.testing.ManualLoop;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RpcTest {

    private final ManualLoop loop = new ManualLoop();
    private final List<String> events = new ArrayList<>();
    private final List<String> alerts = new ArrayList<>();
    private final ErrorLog log = (level, text) -> alerts.add(text);
    private final Rpc rpc = new Rpc(loop, Rpc.OWNER_ROUTER, log);

    private int register(String name, long millis, int peer) {
        return rpc.register(message -> events.add(name + " " + message.text()),
            failure -> events.add(name + " " + failure.kind() + " " + failure.text()), millis, peer);
    }

    private static Message answer(int type, int stream, boolean last, String text) {
        return Messages.of(new Header(stream, 1, 0, type, last, false, false, false), 1,
            text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void lastEndsTheRequest() {
        int stream = register("a", 0, 0);
        assertTrue(rpc.dispatch(answer(MessageType.DATA, stream, false, "one")));
        assertTrue(rpc.dispatch(answer(MessageType.RPC_READY, stream, true, "two")));
        assertFalse(rpc.dispatch(answer(MessageType.RPC_READY, stream, true, "three")));
        assertEquals(List.of("a one", "a two"), events);
        assertEquals(0, rpc.pending());
    }

    @Test
    void errorEndsTheRequestWithOrWithoutLast() {
        int first = register("a", 50, 0);
        int second = register("b", 50, 0);
        rpc.dispatch(answer(MessageType.RPC_ERROR, first, false, "no"));
        rpc.dispatch(answer(MessageType.RPC_ERROR, second, true, "never"));
        assertEquals(List.of("a ERROR no", "b ERROR never"), events);
        assertEquals(0, loop.armed());
    }

    @Test
    void unknownStreamsAreIgnored() {
        assertFalse(rpc.dispatch(answer(MessageType.RPC_READY, 0, true, "")));
        assertFalse(rpc.dispatch(answer(MessageType.RPC_ERROR, 12345, true, "")));
        assertFalse(rpc.forget(12345));
        assertFalse(rpc.failStream(12345));
        assertEquals(List.of(), events);
    }

    @Test
    void deadlineFiresOnceAndIsDisarmedByAnAnswer() {
        int answered = register("a", 10, 0);
        register("b", 20, 0);
        rpc.dispatch(answer(MessageType.RPC_READY, answered, true, "in time"));
        loop.advance(19);
        assertEquals(List.of("a in time"), events);
        loop.advance(100);
        assertEquals(List.of("a in time", "b DEADLINE "), events);
        assertEquals(0, rpc.pending());
    }

    @Test
    void deathOfAPeerEndsWhatIsBoundToIt() {
        register("a", 0, 7);
        int moved = register("b", 0, 8);
        register("c", 0, 7);
        register("free", 0, 0);
        rpc.fail(0);
        assertEquals(List.of(), events);
        rpc.fail(7);
        assertEquals(List.of("a PEER_GONE ", "c PEER_GONE "), events.stream().sorted().toList());
        assertEquals(2, rpc.pending());
        rpc.failStream(moved);
        rpc.cancelAll();
        assertEquals(List.of("b PEER_GONE ", "free CANCELLED "), events.subList(2, 4));
    }

    @Test
    void onlyTheProcessThatWasAskedAnswers() {
        int stream = register("a", 0, 7);
        assertFalse(rpc.dispatch(answer(MessageType.RPC_ERROR, stream, true, "from process 1")));
        assertFalse(rpc.dispatch(answer(MessageType.RPC_READY, stream, true, "from process 1")));
        assertEquals(List.of(), events);
        String alert = "process 1 answered a request to process 7";
        assertEquals(List.of(alert, alert), alerts);
        int own = register("b", 0, 1);
        assertTrue(rpc.dispatch(answer(MessageType.RPC_READY, own, true, "asked")));
        assertEquals(List.of("b asked"), events);
    }

    @Test
    void aHandlerMayRegisterAgain() {
        int[] again = new int[1];
        int stream = rpc.register(message -> again[0] = register("next", 0, 9), failure -> { }, 0, 1);
        rpc.dispatch(answer(MessageType.RPC_READY, stream, true, ""));
        assertEquals(1, rpc.pending());
        assertNotEquals(stream, again[0]);
        rpc.register(message -> { }, failure -> register("retry", 0, 9), 0, 9);
        rpc.fail(9);
        assertEquals(1, rpc.pending());
    }

    @Test
    void streamsOfDifferentLoopsNeverMeet() {
        Set<Integer> streams = new HashSet<>();
        for (int owner : new int[] {Rpc.OWNER_MAIN, Rpc.OWNER_CONTROLLER, Rpc.OWNER_ROUTER, 17, Rpc.OWNER_MAX}) {
            Rpc other = new Rpc(loop, owner, log);
            for (int i = 0; i < 1000; i++) {
                int stream = other.register(message -> { }, failure -> { }, 0, 0);
                assertEquals(owner, stream >>> 24);
                assertTrue(streams.add(stream));
                assertNotEquals(0, stream);
            }
        }
        assertThrows(IllegalArgumentException.class, () -> new Rpc(loop, 0, log));
        assertThrows(IllegalArgumentException.class, () -> new Rpc(loop, 256, log));
    }

    @Test
    void aWrappedCounterSkipsLiveStreams() {
        int old = register("old", 0, 0);
        Set<Integer> seen = new HashSet<>();
        int rounds = (1 << 24) - 2;
        for (int i = 0; i < rounds; i++) {
            rpc.forget(rpc.register(message -> { }, failure -> { }, 0, 0));
        }
        for (int i = 0; i < 3; i++) {
            seen.add(register("new", 0, 0));
        }
        assertFalse(seen.contains(old));
        assertEquals(4, rpc.pending());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.posix.Fd;
import io.margay.posix.Sockets;
import io.margay.process.ProcessEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouterReplacementTest {

    private static final int FRESH = 1_000_000_010;

    private final Stage stage = new Stage();
    private final SharedSockets sockets = new SharedSockets();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private boolean exiting;
    private int next = FRESH;
    private final RouterReplacement replacement = replacement(60_000);

    private RouterReplacement replacement(long millis) {
        return new RouterReplacement(new RouterReplacement.Parts(stage.loops.loop(0), stage.self, stage.table,
            () -> exiting, stage.rpc, sockets, before -> {
                events.add("start beside " + before.size());
                return stage.add(next++, "router", false);
            }, () -> events.add("taken"), pid -> events.add("kill " + pid), millis, millis, 60_000, stage.lines));
    }

    @AfterEach
    void close() {
        stage.close();
        sockets.close();
    }

    /** Stage adds processes on the loop itself, so the order must not come there. */
    private CompletableFuture<Void> begin(RouterReplacement with, int seconds) {
        return with.begin(seconds < 0 ? OptionalInt.empty() : OptionalInt.of(seconds)).toCompletableFuture();
    }

    private void ready(ProcessEntry fresh) {
        stage.call(() -> {
            fresh.ready();
            replacement.ready(fresh, () -> events.add("announced"));
            return 0;
        });
    }

    private void answer(int type, int sender, int stream, String text, Fd... fds) {
        stage.call(() -> {
            try (Message message = Stage.message(type, stream, sender, Stage.bytes(text), fds)) {
                switch (type) {
                    case MessageType.SOCKETS -> replacement.sockets(message);
                    case MessageType.ROUTER_TAKEN -> replacement.taken(message);
                    default -> stage.rpc.dispatch(message);
                }
            }
            return 0;
        });
    }

    private static String reason(CompletableFuture<Void> result) {
        assertTrue(result.isDone());
        return assertThrows(CompletionException.class, result::join).getCause().getMessage();
    }

    private ProcessEntry entry(int pid) {
        return stage.table.find(pid).orElseThrow();
    }

    @Test
    void theOldOneRetiresWhenTheNewOneHasTheConfiguration() {
        ProcessEntry old = stage.add(Stage.ROUTER, "router", true);
        CompletableFuture<Void> result = begin(replacement, 7);
        assertEquals("the router is being replaced already", reason(begin(replacement, -1)));
        ready(entry(FRESH));
        String question = stage.hear(Stage.ROUTER);
        assertTrue(question.startsWith("SOCKETS "), question);
        Fd[] pair = Sockets.seqpacketPair();
        answer(MessageType.SOCKETS, Stage.STRANGER, 0, "*:81", Sockets.seqpacketPair()[0]);
        answer(MessageType.SOCKETS, Stage.ROUTER, 0, "*:80\0*:443", pair);
        assertTrue(has("*:80") && has("*:443") && !has("*:81"));
        assertEquals(List.of("start beside 1"), events);
        answer(MessageType.RPC_READY, Stage.ROUTER, Integer.parseInt(question.split(" ")[1]), "");
        assertEquals("announced", events.getLast());
        assertTrue(replacement.isComing(FRESH));
        assertFalse(result.isDone());
        answer(MessageType.ROUTER_TAKEN, Stage.CONTROLLER, 0, Stage.ROUTER + "\0");
        assertFalse(result.isDone(), "another one is meant");
        answer(MessageType.ROUTER_TAKEN, Stage.CONTROLLER, 0, FRESH + "\0");
        result.join();
        assertEquals("RETIRE 0 7", stage.hear(Stage.ROUTER));
        assertTrue(old.isRetiring() && !entry(FRESH).isRetiring() && !has("*:80"));
        assertTrue(replacement.died(old), "none is started for it");
        assertFalse(replacement.died(entry(FRESH)), "it is the one that serves");
    }

    @Test
    void whatTheControllerRefusesGoes() {
        ProcessEntry old = stage.add(Stage.ROUTER, "router", true);
        CompletableFuture<Void> result = begin(replacement, -1);
        ready(entry(FRESH));
        answer(MessageType.ROUTER_TAKEN, Stage.CONTROLLER, 0, FRESH + "\0no luck");
        assertEquals("no luck", reason(result));
        assertTrue(stage.hear(FRESH).startsWith("QUIT"));
        assertTrue(stage.lines.all.toString().contains("router " + Stage.ROUTER + " is not replaced: no luck"));
        assertTrue(replacement.died(entry(FRESH)), "none is started for it");
        assertFalse(replacement.died(old), "it serves");
        stage.table.all();
    }

    @Test
    void oneThatIsNotReadyInTimeIsKilled() {
        stage.add(Stage.ROUTER, "router", true);
        CompletableFuture<Void> result = begin(replacement(1), -1);
        stage.await("its time is over", result::isDone);
        assertEquals("the new router was not ready within 0 seconds", reason(result));
        assertEquals("kill " + FRESH, events.getLast());
    }

    @Test
    void whenTheOldOneDiesTheNewOneIsTheRouter() {
        ProcessEntry old = stage.add(Stage.ROUTER, "router", true);
        CompletableFuture<Void> result = begin(replacement, -1);
        assertTrue(replacement.died(old));
        assertEquals("the router ended while it was being replaced", reason(result));
        ready(entry(FRESH));
        assertEquals("announced", events.getLast());
        assertFalse(replacement.died(entry(FRESH)), "now one is started for it");
    }

    @Test
    void thereMustBeOneThatServesAndFewThatRetire() {
        assertEquals("there is no router that serves", reason(begin(replacement, -1)));
        stage.add(Stage.ROUTER, "router", true);
        exiting = true;
        assertEquals("the server is leaving", reason(begin(replacement, -1)));
        exiting = false;
        for (int i = 0; i < RouterReplacement.MOST_RETIRING; i++) {
            stage.add(Stage.STRANGER + i, "router", true).retires();
        }
        assertEquals("3 routers that were replaced have not ended their last connections yet",
            reason(begin(replacement, -1)));
        assertEquals(List.of(), new ArrayList<>(events));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "12", "x\0", "-1\0"})
    void malformedNewsAreRefused(String text) {
        assertThrows(PayloadException.class, () -> {
            try (Message message = Stage.message(MessageType.ROUTER_TAKEN, 0, Stage.CONTROLLER, Stage.bytes(text))) {
                replacement.taken(message);
            }
        });
    }

    @Test
    void asManySocketsAsAddresses() {
        sockets.begin();
        Fd[] pair = Sockets.seqpacketPair();
        try (Message message = Stage.message(MessageType.SOCKETS, 0, Stage.ROUTER, Stage.bytes("a\0b\0c"), pair)) {
            assertEquals("sockets_handler: 2 sockets for 3 addresses",
                assertThrows(PayloadException.class, () -> sockets.take(message)).getMessage());
        }
        assertFalse(has("a"));
    }

    private boolean has(String address) {
        Optional<Fd> copy = sockets.find(address);
        copy.ifPresent(Fd::close);
        return copy.isPresent();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.dispatch.ProcessControl;
import io.margay.dispatch.ProcessControl.Descriptor;
import io.margay.lang.AppSpec;
import io.margay.port.MessageType;
import io.margay.port.WhoAmI;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.Processes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sockets and prototypes that the router asks main for. */
@Timeout(60)
class MainRequestsTest {

    @TempDir
    private Path directory;
    private final Stage stage = new Stage();
    private final ListenerSockets sockets = new ListenerSockets(stage.child);
    private final AppStarts processes = new AppStarts(stage.child);

    @AfterEach
    void close() {
        stage.close();
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(Stage.SECONDS, TimeUnit.SECONDS).join();
    }

    private static String failure(CompletionStage<?> stage) {
        return assertThrows(CompletionException.class, () -> join(stage)).getCause().getMessage();
    }

    private CompletionStage<Integer> prototype() {
        try (Fd a = Files.memfd("a", 0); Fd b = Files.memfd("b", 0); Fd c = Files.memfd("c", 0)) {
            return stage.call(() -> processes.startPrototype(new AppSpec("blog", Stage.conf("{\"type\":\"c\"}")),
                List.of(new Descriptor("request", a.number()), new Descriptor("slots", b.number()),
                    new Descriptor("router", c.number()))));
        }
    }

    @Test
    void socketsComeFromMain() {
        String address = "unix:" + directory.resolve("a");
        try (Fd socket = join(stage.call(() -> sockets.open(address, 12, false)))) {
            assertTrue(socket.isOpen());
        }
        stage.refusals.put("*:80", Stage.error("bind(\\\"*:80\\\") failed"));
        assertEquals("bind(\"*:80\") failed", failure(stage.call(() -> sockets.open("*:80", -1, false))));
        stage.call(() -> {
            sockets.closed("*:80");
            sockets.closed(address);
            return 0;
        });
        stage.await("the last request", () -> stage.asked.size() == 4);
        assertEquals(List.of("SOCKET " + address + " 12", "SOCKET *:80 -1", "SOCKET_UNLINK *:80",
            "SOCKET_UNLINK " + address), stage.asked);
        assertEquals(0, (int) stage.call(stage.child.rpc()::pending));
    }

    /** Main's queue has an end, and a listener of the same address waits until the one before is gone. */
    @Test
    void manyThatAreClosedAreFewMessages() {
        String address = "unix:" + directory.resolve("c");
        CompletionStage<Fd> again = stage.call(() -> {
            for (int i = 0; i < 2000; i++) {
                sockets.closed("127.0.0.1:" + i);
            }
            sockets.closed(address);
            return sockets.open(address, -1, false);
        });
        join(again).close();
        assertEquals("SOCKET " + address + " -1", stage.asked.getLast());
        assertTrue(stage.asked.size() < 20, stage.asked.size() + " messages");
        String closed = String.join("\0", stage.asked.subList(0, stage.asked.size() - 1)).replace("SOCKET_UNLINK ", "");
        assertEquals(2001, closed.split("\0").length);
        assertTrue(closed.endsWith(address), closed);
        join(stage.call(sockets::settled));
        assertEquals(0, (int) stage.call(stage.child.rpc()::pending));
    }

    @Test
    void aMainThatIsGoneOpensNothing() {
        CompletionStage<Fd> socket = stage.call(() -> {
            CompletionStage<Fd> opened = sockets.open("unix:" + directory.resolve("b"), -1, false);
            stage.child.rpc().fail(Stage.MAIN);
            return opened;
        });
        assertTrue(failure(socket).endsWith(": PEER_GONE"));
    }

    @Test
    void aRefusedPrototypeHasAReason() {
        int before = Processes.openDescriptors().length;
        assertEquals("no luck", failure(prototype()));
        assertEquals(List.of("START_PROCESS blog 0 {\"type\":\"c\"} fds 3 [request, slots, router]"), stage.asked);
        stage.await("the copies are closed", () -> Processes.openDescriptors().length == before);
    }

    @Test
    void descriptorsThatCannotBeToldApartAreRefused() {
        try (Fd a = Files.memfd("a", 0)) {
            Descriptor one = new Descriptor("a", a.number());
            assertEquals("two descriptors have one name", failure(stage.call(() ->
                processes.startPrototype(new AppSpec("blog", Stage.conf("{}")), List.of(one, one)))));
        }
        assertEquals(List.of(), stage.asked);
    }

    @Test
    void aReadyPrototypeIsKnownByItsPid() {
        int[] stream = new int[1];
        CompletionStage<Integer> ready = stage.call(() -> {
            // Registered streams count up: the next one is one more.
            stream[0] = stage.child.rpc().register(answer -> { }, failure -> { }, 0, 0);
            stage.child.rpc().forget(stream[0]);
            CompletionStage<Integer> started = prototypeOnLoop();
            stage.answer(MessageType.RPC_READY, stream[0] + 1, new WhoAmI(77).encode());
            return started;
        });
        assertEquals(77, (int) join(ready));
    }

    private CompletionStage<Integer> prototypeOnLoop() {
        try (Fd a = Files.memfd("a", 0)) {
            return processes.startPrototype(new AppSpec("blog", Stage.conf("{\"type\":\"c\"}")),
                List.of(new Descriptor("request", a.number())));
        }
    }

    @Test
    void aPrototypeThatEndsEarlyIsAFailure() {
        CompletionStage<Integer> started = stage.call(() -> {
            int stream = stage.child.rpc().register(answer -> { }, failure -> { }, 0, 0);
            CompletionStage<Integer> result = prototypeOnLoop();
            stage.child.rpc().failStream(stream + 1);
            return result;
        });
        assertEquals("the process exited before it was ready", failure(started));
    }

    @Test
    void ordersForUnknownPrototypesAreDropped() {
        stage.call(() -> {
            processes.startWorker(5, 1, new byte[4]);
            processes.killWorker(Optional.of(5), 6);
            processes.killStart(5, 1);
            processes.quitWorker(5, 6);
            processes.quitPrototype(5);
            processes.stop(7);
            return 0;
        });
        List<Integer> streams = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            streams.add(stage.call(processes::nextStream));
        }
        assertEquals(List.of(1, 2, 3), streams);
        // Only main can end what no prototype can.
        stage.await("orders for main", () -> stage.asked.size() >= 2);
        assertEquals(List.of("QUIT false 6", "QUIT true 7"), stage.asked);
    }

    @Test
    void aGenerationThatHasStartedSomethingIsEnded() {
        ProcessControl unused = stage.call(processes::generation);
        ProcessControl generation = stage.call(processes::generation);
        AppSpec app = new AppSpec("blog", Stage.conf("{\"type\":\"c\"}"));
        assertEquals("no luck", failure(stage.call(() -> generation.startPrototype(app, List.of()))));
        stage.call(() -> {
            unused.endGeneration();
            processes.endGeneration();
            generation.endGeneration();
            generation.endGeneration();
            processes.stop(7);
            return 0;
        });
        stage.await("the last order", () -> stage.asked.contains("QUIT true 7"));
        assertEquals(List.of("START_PROCESS blog 0 {\"type\":\"c\"} fds 0 []", "QUIT true -1", "QUIT true 7"),
            stage.asked);
    }
}

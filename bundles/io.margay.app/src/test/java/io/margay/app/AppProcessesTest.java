// SPDX-License-Identifier: Apache-2.0
package io.margay.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.engine.EventLoops;
import io.margay.port.Header;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.port.Ports;
import io.margay.port.WhoAmI;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Processes;
import io.margay.posix.Received;
import io.margay.posix.Signals;
import io.margay.posix.Sockets;
import io.margay.posix.SpawnSpec;
import io.margay.process.Announcer;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessTable;
import io.margay.process.Quitter;
import io.margay.process.Reaper;
import io.margay.testing.Kinds;
import io.margay.testing.Lines;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A shell stands for the prototype, and what it forks for a worker. */
@Timeout(60)
class AppProcessesTest {

    private static final int SECONDS = 20;
    private static final int ROUTER = 1_000_000_000;

    private final Lines lines = new Lines();
    private final EventLoops loops = EventLoops.create("test", 1, failure -> lines.alert("loop " + failure));
    private final int self = Processes.pid();
    private final ProcessTable table = new ProcessTable(Kinds.stock(), "main", lines);
    private final Announcer announcer = new Announcer(self, table, lines);
    private final Reaper reaper = new Reaper(loops.loop(0), self, table, announcer, new Quitter(self, table),
        Reaper.Calls.kernel(loops.loop(0)), lines);
    private final AppProcesses apps = new AppProcesses(Ports.standalone(), loops.loop(0), self, table, announcer,
        reaper, lines);
    private final Fd[] router = Sockets.seqpacketPair();
    private final int prototype = Processes.spawn(SpawnSpec.of("/bin/sh", List.of("sh", "-c",
        "sleep 1000 & sleep 1001 & wait")));

    @BeforeEach
    void prepare() {
        call(() -> {
            table.add(prototype, "prototype", "blog", Optional.empty()).ready();
            ProcessEntry entry = table.add(ROUTER, "router", "", Optional.empty());
            entry.ready();
            return table.addPort(entry, 0, Optional.of(new Peer(loops.loop(0), router[1], lines, (p, r) -> { })));
        });
        await("the shell has forked", () -> children().length == 2);
    }

    @AfterEach
    void close() {
        for (int child : children()) {
            Reaper.Calls.kill(child);
        }
        Reaper.Calls.kill(prototype);
        Processes.waitFor(prototype);
        call(() -> {
            table.all().forEach(table::remove);
            return 0;
        });
        router[0].close();
        loops.close();
    }

    private int[] children() {
        try {
            String text = Files.readString(Path.of("/proc/" + prototype + "/task/" + prototype + "/children")).strip();
            return text.lines().flatMap(line ->
                List.of(line.split(" ")).stream()).mapToInt(Integer::parseInt).toArray();
        } catch (IOException e) {
            return new int[0];
        }
    }

    private static void await(String reason, BooleanSupplier condition) {
        long deadline = System.nanoTime() + SECONDS * 1_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "waited in vain: " + reason);
            LockSupport.parkNanos(2_000_000);
        }
    }

    private <T> T call(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        loops.loop(0).execute(() -> {
            try {
                result.complete(task.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        return result.orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    private void whoAmI(int sender, int parent, Fd port) {
        call(() -> {
            try (Message message = new Message(Header.last(MessageType.WHOAMI, 12, 0),
                ByteBuffer.wrap(new WhoAmI(parent).encode()), sender, 0, 0, port.release())) {
                apps.whoAmI(message);
            }
            return 0;
        });
    }

    private static String next(Fd end) {
        assertTrue(Descriptors.poll(end.number(), Descriptors.POLLIN, SECONDS * 1000) != 0, "no message in time");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(65_536);
            Received received = Sockets.receive(end.number(), memory);
            ByteBuffer bytes = ByteBuffer.wrap(memory.asSlice(0, received.length()).toArray(ValueLayout.JAVA_BYTE));
            Header header = Header.decode(bytes);
            try (Message message = new Message(header, bytes, received.pid(), 0, 0, received.fds())) {
                String who = message.type() == MessageType.RPC_READY ? " " + WhoAmI.decode(message).pid() : "";
                return MessageType.name(message.type()) + " " + message.stream() + who + " fds " + message.fdCount();
            }
        }
    }

    @Test
    void aWorkerLearnsWhoItIsAndItsEndIsNoticed() {
        int worker = children()[0];
        Fd[] port = Sockets.seqpacketPair();
        whoAmI(worker, prototype, port[1]);
        assertEquals("RPC_READY 12 " + worker + " fds 1", next(port[0]));
        assertEquals("NEW_PORT 0 fds 0", next(router[0]));
        assertEquals("\"blog\" application " + worker + " CREATED",
            call(() -> table.find(worker)).orElseThrow().toString());
        Processes.kill(worker, Signals.SIGKILL);
        assertEquals("REMOVE_PID 12 fds 0", next(router[0]));
        assertEquals(Optional.empty(), call(() -> table.find(worker)));
        port[0].close();
    }

    @Test
    void onlyWorkersThatMainHasStartedAreStopped() {
        int[] started = {Processes.spawn(SpawnSpec.of("/bin/sleep", List.of("sleep", "1000")))};
        call(() -> {
            ProcessEntry main = table.add(self, "main", "", Optional.empty());
            table.add(children()[0], "app", "blog", table.find(prototype));
            return table.add(started[0], "app", "blog", Optional.of(main));
        });
        for (int pid : new int[] {self, prototype, ROUTER, children()[0]}) {
            CompletionException thrown = assertThrows(CompletionException.class, () -> stop(pid));
            assertEquals("process " + pid + " cannot be stopped: main has not started it as a worker",
                thrown.getCause().getMessage());
        }
        stop(1_999_999_999);
        assertEquals(2, children().length);
        stop(started[0]);
        assertEquals(Signals.SIGTERM, Processes.waitFor(started[0]).signal());
        stop(started[0]);
        assertEquals(List.of(), lines.all);
    }

    private void stop(int pid) {
        call(() -> {
            apps.stop(pid);
            return 0;
        });
    }

    @Test
    void strangersAreRefused() {
        int worker = children()[0];
        int[][] cases = {{self, prototype}, {worker, self}, {prototype, prototype}, {1, prototype}};
        for (int[] each : cases) {
            Fd[] port = Sockets.seqpacketPair();
            CompletionException thrown = assertThrows(CompletionException.class,
                () -> whoAmI(each[0], each[1], port[1]));
            assertEquals(PayloadException.class, thrown.getCause().getClass());
            assertEquals("RPC_ERROR 12 fds 0", next(port[0]));
            port[0].close();
        }
        assertEquals(2, (int) call(table::size));
    }
}

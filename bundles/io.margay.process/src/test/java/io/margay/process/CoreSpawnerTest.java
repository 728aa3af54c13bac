// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.port.Dispatcher;
import io.margay.port.Header;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.port.Ports;
import io.margay.port.ReceiveBuffer;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.Processes;
import io.margay.testing.RealLoop;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Main's side with a Python process as the child: start data, READY, QUIT, reaping, the live line. */
class CoreSpawnerTest {

    private static final String CHILD = """
        import json, os, socket, struct, sys
        init = json.loads(os.environ["MARGAY_INIT"])
        read, main, live = (socket.socket(fileno=init[name]) for name in ("read", "main", "live"))
        good = init["role"] == "router" and init["groups"] == [1, 2] and os.read(init["extra"], 5) == b"extra"
        good = good and len(os.listdir("/proc/self/fd")) == 8
        main.send(struct.pack("=IiHBBBBBB", 0, 0, 0, 19, 1, 0, 0, 0, 0))
        """;
    private static final String WAIT_FOR_QUIT = """
        sys.exit(5 if good and read.recv(100)[10] == 22 else 1)
        """;
    private static final String WAIT_FOR_MAIN = """
        sys.exit(6 if live.recv(1) == b"" else 1)
        """;

    private final RealLoop real = new RealLoop();
    private final int self = Processes.pid();
    private final ProcessTable table = new ProcessTable(Kinds.stock(), "main", real.lines);
    private final LiveLine live = new LiveLine();
    private final Quitter quitter = new Quitter(self, table);
    private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    private Uplinks uplinks;
    private CoreSpawner spawner;
    private Reaper reaper;
    private ProcessEntry main;

    @BeforeEach
    void prepare() {
        main = table.add(self, "main", "", Optional.empty());
        Announcer announcer = new Announcer(self, table, real.lines);
        reaper = new Reaper(real.loop(), self, table, announcer, quitter, Reaper.Calls.kernel(real.loop()), real.lines)
            .whenRestartable(dead -> real.event("dead " + dead.name()));
        Dispatcher dispatcher = new Dispatcher(table, real.lines)
            .on(MessageType.PROCESS_READY, message -> {
                ProcessEntry entry = table.find(message.senderPid()).orElseThrow();
                entry.ready();
                announcer.announce(entry);
                real.event("ready " + entry.name());
            })
            .whenFailed((port, reason) -> ends.add(reason));
        uplinks = new Uplinks(Ports.standalone(), real.loop(), new ReceiveBuffer(), dispatcher, real.lines);
        spawner = new CoreSpawner(Ports.standalone(), real.loop(), table, main, ChildLauncher.SPAWN, uplinks::open,
            live, real.lines);
    }

    @AfterEach
    void close() {
        real.call(() -> {
            uplinks.close();
            table.all().forEach(table::remove);
            return 0;
        });
        live.close();
        real.close();
    }

    private ProcessEntry spawn(String end) throws InterruptedException {
        try (Fd extra = Files.sealedMemory("extra", new byte[0]); Fd content = Files.memfd("extra", 0)) {
            Files.writeAll(content.number(), "extra".getBytes(StandardCharsets.US_ASCII));
            try (Fd fresh = Files.open("/proc/self/fd/" + content.number(), Files.O_RDONLY, 0)) {
                assertTrue(extra.isOpen());
                CoreSpawner.Plan plan = new CoreSpawner.Plan(Kinds.stock().get("router"), "/usr/bin/python3",
                    List.of("python3", "-c", CHILD + end), Map.of("PATH", "/usr/bin"),
                    ConfObject.builder().put("groups", new ConfArray(List.of(new ConfNumber("1"), new ConfNumber("2"))))
                        .put("user", "no\"body").build(), Map.of("extra", fresh));
                return real.call(() -> spawner.spawn(plan));
            }
        }
    }

    private void reapLater(ProcessEntry entry) {
        real.call(() -> new PidfdFollower(real.loop()).follow(entry.pid(), reaper::reap));
    }

    @Test
    void aChildStartsServesAndQuits() throws InterruptedException {
        ProcessEntry child = spawn(WAIT_FOR_QUIT);
        reapLater(child);
        assertEquals(Optional.of(main), child.parent());
        assertEquals("ready router", real.await("PROCESS_READY"));
        real.call(() -> {
            quitter.quitAll(false);
            return 0;
        });
        assertEquals("dead router", real.await("exit"));
        assertEquals(List.of("notice process " + child.pid() + " exited with code 5"), real.lines.all);
        assertEquals(1, (int) real.call(table::size));
    }

    @Test
    void aChildNoticesTheEndOfMain() throws InterruptedException {
        ProcessEntry child = spawn(WAIT_FOR_MAIN);
        reapLater(child);
        assertEquals("ready router", real.await("PROCESS_READY"));
        live.close();
        assertEquals("dead router", real.await("exit"));
        assertEquals(List.of("notice process " + child.pid() + " exited with code 6"), real.lines.all);
    }

    @Test
    void aKilledChildIsAnAlert() throws InterruptedException {
        ProcessEntry child = spawn(WAIT_FOR_MAIN);
        reapLater(child);
        assertEquals("ready router", real.await("PROCESS_READY"));
        Reaper.Calls.kill(child.pid());
        assertEquals("dead router", real.await("exit"));
        assertEquals(List.of("alert process " + child.pid() + " exited on signal 9"), real.lines.all);
        Reaper.Calls.kill(child.pid());
    }

    @Test
    void aChildThatTakesNoMessagesIsKilled() throws InterruptedException {
        ProcessEntry child = spawn(WAIT_FOR_MAIN);
        reapLater(child);
        assertEquals("ready router", real.await("PROCESS_READY"));
        real.call(() -> {
            Peer peer = table.peer(child).orElseThrow();
            while (peer.isOpen()) {
                peer.send(Header.last(MessageType.REMOVE_PID, 0, self), new byte[4]);
            }
            return 0;
        });
        assertEquals("dead router", real.await("exit"));
        assertTrue(real.lines.all.getFirst().contains("queue is full (1024 messages"), real.lines.all.toString());
        assertEquals("alert process " + child.pid() + " exited on signal 9", real.lines.all.getLast());
    }

    @Test
    void aFailedStartLeavesNothingBehind() throws InterruptedException {
        CoreSpawner.Plan plan = new CoreSpawner.Plan(Kinds.stock().get("router"), "/nonexistent/java", List.of("java"),
            Map.of(), ConfObject.EMPTY, Map.of());
        int before = Processes.openDescriptors().length;
        RuntimeException failure = assertThrows(RuntimeException.class, () -> {
            try {
                real.call(() -> spawner.spawn(plan));
            } catch (CompletionException e) {
                throw (RuntimeException) e.getCause();
            }
        });
        assertTrue(failure.getMessage().contains("(2: No such file or directory)"), failure.getMessage());
        assertEquals("closed by the peer", ends.poll(20, TimeUnit.SECONDS));
        assertEquals(0, (int) real.call(uplinks::size));
        assertEquals(before, Processes.openDescriptors().length);
        assertEquals(List.of(), table.all("router"));
    }

    @Test
    void theLiveLineTellsAWatcherOnce() throws InterruptedException {
        Fd end = live.childEnd().duplicate();
        real.call(() -> {
            LiveLine.watch(real.loop(), end, () -> real.event("main is gone"));
            return 0;
        });
        live.close();
        assertEquals("main is gone", real.await("hang-up"));
        assertFalse(end.isOpen());
    }
}

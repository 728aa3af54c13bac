// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.margay.engine.EventLoops;
import io.margay.isolation.Runner;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.posix.Sockets;
import io.margay.posix.SpawnSpec;
import io.margay.process.ChildLauncher;
import io.margay.testing.Lines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a child of it sees of itself. */
@Timeout(60)
class UnprivilegedLauncherTest {

    private static final int READ_FD = 7;
    private static final String SCRIPT = """
        while read name value; do
          case $name in NoNewPrivs:|SigBlk:) echo $name $value;; esac
        done < /proc/self/status
        echo $1 $PATH $X
        cat /proc/self/fd/7
        echo $PPID
        """;

    @TempDir
    private Path directory;
    private final Lines lines = new Lines();
    private final EventLoops loops = EventLoops.create("test", 1, failure -> lines.alert("loop " + failure));
    /** On the loop, since children end with the thread that has started them. */
    private final ChildLauncher launcher = spec -> {
        CompletableFuture<Integer> pid = new CompletableFuture<>();
        loops.loop(0).execute(() -> {
            try {
                pid.complete(new UnprivilegedLauncher(loops.loop(0), new Runner(Path.of("/tmp")), 2,
                    Optional.empty(), lines).launch(spec));
            } catch (RuntimeException e) {
                pid.completeExceptionally(e);
            }
        });
        try {
            return pid.join();
        } catch (CompletionException e) {
            throw (RuntimeException) e.getCause();
        }
    };

    @AfterEach
    void close() {
        loops.close();
    }

    private void awaitDescriptors(int count) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (Processes.openDescriptors().length > count && System.nanoTime() < end) {
            LockSupport.parkNanos(2_000_000);
        }
        assertEquals(count, Processes.openDescriptors().length);
    }

    @Test
    void theChildHasNoNewPrivilegesAndBlockedSignals() throws IOException {
        Path output = directory.resolve("output");
        Fd[] pair = Sockets.seqpacketPair();
        int pid;
        try (Fd out = Files.open(output.toString(), Files.O_WRONLY | Files.O_CREAT, 0600);
            Fd memory = Files.sealedMemory("text", Stage.bytes("passed\n"));
            Fd end = pair[0]; Fd other = pair[1]) {
            SpawnSpec spec = SpawnSpec.of("/bin/sh", List.of("sh", "-c", SCRIPT, "sh", "argument"))
                .withEnvironment(Map.of("PATH", "/usr/bin:/bin", "X", "a=b"))
                .withFd(1, out.number()).withFd(READ_FD, memory.number()).withFd(8, end.number())
                .withFd(9, other.number()).withBlocked(Signals.SIGHUP, Signals.SIGTERM, Signals.SIGCHLD);
            pid = launcher.launch(spec);
        }
        assertEquals(0, Processes.waitFor(pid).code());
        long mask = 1L << Signals.SIGHUP - 1 | 1L << Signals.SIGTERM - 1 | 1L << Signals.SIGCHLD - 1;
        assertEquals(List.of("SigBlk: " + String.format("%016x", mask), "NoNewPrivs: 1",
            "argument /usr/bin:/bin a=b", "passed", String.valueOf(Processes.pid())),
            java.nio.file.Files.readAllLines(output));
    }

    @Test
    void theDescriptorsOfTheParentStayItsOwn() {
        try (Fd out = Files.open("/dev/null", Files.O_WRONLY, 0)) {
            loops.loop(0).execute(() -> { });
            int before = Processes.openDescriptors().length;
            int pid = launcher.launch(SpawnSpec.of("/bin/true", List.of("true")).withFd(1, out.number())
                .withBlocked(Signals.SIGHUP));
            assertEquals(0, Processes.waitFor(pid).code());
            awaitDescriptors(before);
        }
    }

    @Test
    void aDescriptorThatIsNotOpenIsAFailure() {
        int before = Processes.openDescriptors().length;
        assertThrows(PosixException.class, () -> launcher.launch(SpawnSpec.of("/bin/true", List.of("true"))
            .withFd(READ_FD, 9_999).withBlocked(Signals.SIGHUP)));
        assertEquals(before, Processes.openDescriptors().length);
    }

    @Test
    void aMissingProgramEndsTheChild() {
        int pid = launcher.launch(SpawnSpec.of("/nonexistent/java", List.of("java")).withBlocked(Signals.SIGHUP));
        assertEquals(127, Processes.waitFor(pid).code());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ProcessesTest {
    @Test
    void identity() {
        assertEquals((int) ProcessHandle.current().pid(), Processes.pid());
        assertTrue(Processes.threadId() > 0);
        assertTrue(java.util.stream.IntStream.of(Processes.openDescriptors()).anyMatch(fd -> fd == 2));
    }

    /** The child lists its own descriptors: those asked for, and the one that lists. */
    @Test
    void childHasItsDescriptorsAlone() {
        try (Fd leaked = Files.memfd("leaked", 0); Fd given = Files.memfd("given", 0)) {
            Descriptors.closeOnExec(leaked.number(), false);
            assertEquals("0 1 2 5 9", run(SpawnSpec.of("/bin/sh", List.of("sh", "-c",
                "for n in /proc/$$/fd/*; do [ -e $n ] && printf '%s ' ${n##*/}; done"))
                .withFd(5, given.number()).withFd(9, given.number())));
            assertFalse(Descriptors.closeOnExec(leaked.number()));
        }
    }

    @Test
    void descriptorsMaySwap() {
        try (Fd one = Files.memfd("one", 0); Fd two = Files.memfd("two", 0)) {
            String text = run(SpawnSpec.of("/bin/sh", List.of("sh", "-c",
                "readlink /proc/$$/fd/" + one.number() + " /proc/$$/fd/" + two.number()))
                .withFd(one.number(), two.number()).withFd(two.number(), one.number()));
            assertEquals("/memfd:two (deleted)\n/memfd:one (deleted)", text);
        }
    }

    @Test
    void maskIsClearedAndNothingIgnored() {
        Signals.block(Signals.SIGTERM, Signals.SIGUSR1);
        try {
            SpawnSpec spec = SpawnSpec.of("/bin/sh", List.of("sh", "-c",
                "exec grep -E 'Sig(Blk|Ign)' /proc/self/status"));
            assertEquals("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000", run(spec));
            assertEquals("SigBlk:\t0000000000000201\nSigIgn:\t0000000000000000",
                run(spec.withBlocked(Signals.SIGHUP, Signals.SIGUSR1)));
        } finally {
            Signals.unblock(Signals.SIGTERM, Signals.SIGUSR1);
        }
    }

    @Test
    void environmentDirectoryAndSession() {
        assertEquals("A=1", run(SpawnSpec.of("/usr/bin/env", List.of("env")).withEnvironment(Map.of("A", "1"))));
        String own = run(SpawnSpec.of("/bin/sh", List.of("sh", "-c", "cut -d' ' -f1,6 /proc/$$/stat"))
            .withNewSession());
        assertEquals(own.split(" ")[0], own.split(" ")[1]);
    }

    @ParameterizedTest
    @CsvSource({"exit 0, 0, 0", "exit 255, 255, 0", "kill -KILL $$, 0, 9", "kill -TERM $$, 0, 15"})
    void exits(String command, int code, int signal) {
        int pid = Processes.spawn(SpawnSpec.of("/bin/sh", List.of("sh", "-c", command)));
        try (Fd pidfd = Processes.pidfdOpen(pid)) {
            assertEquals(Descriptors.POLLIN, Descriptors.poll(pidfd.number(), Descriptors.POLLIN, 20_000));
            assertEquals(new Exit(pid, code, signal, false), Processes.wait(pid).orElseThrow());
        }
        assertEquals(Errno.ECHILD, assertThrows(PosixException.class, () -> Processes.wait(pid)).errno());
        assertEquals(Errno.ESRCH, assertThrows(PosixException.class, () -> Processes.pidfdOpen(pid)).errno());
        assertEquals("kill(" + pid + ", 0) failed (3: No such process)",
            assertThrows(PosixException.class, () -> Processes.kill(pid, 0)).getMessage());
    }

    @Test
    void runningChildIsNotWaitedFor() {
        int pid = Processes.spawn(SpawnSpec.of("/bin/sleep", List.of("sleep", "60")));
        assertTrue(Processes.wait(pid).isEmpty());
        Processes.kill(pid, Signals.SIGKILL);
        assertTrue(Processes.waitFor(pid).signaled());
        assertThrows(IllegalArgumentException.class, () -> Processes.wait(-1));
        assertThrows(IllegalArgumentException.class, () -> Processes.waitFor(0));
    }

    @Test
    void failedSpawnLeaksNothing() {
        int[] before = Processes.openDescriptors();
        assertEquals("posix_spawn(\"/no/such\") failed (2: No such file or directory)",
            assertThrows(PosixException.class, () -> Processes.spawn(SpawnSpec.of("/no/such", List.of("x"))
                .withFd(7, 0))).getMessage());
        assertEquals(Errno.EBADF, assertThrows(PosixException.class,
            () -> Processes.spawn(SpawnSpec.of("/bin/true", List.of("x")).withFd(7, 9999))).errno());
        assertEquals(Errno.EINVAL, assertThrows(PosixException.class,
            () -> Processes.spawn(SpawnSpec.of("/bin/true", List.of("a\0b")))).errno());
        assertArrayEquals(before, Processes.openDescriptors());
    }

    @Test
    void signalsAsData() {
        long before = Signals.bits(Signals.blocked());
        Signals.block(Signals.SIGUSR1, Signals.SIGRTMIN);
        try (Fd fd = Signals.signalFd(Signals.SIGUSR1, Signals.SIGRTMIN)) {
            assertEquals(OptionalInt.empty(), Signals.read(fd));
            Signals.raise(Signals.SIGRTMIN);
            Signals.raise(Signals.SIGUSR1);
            assertEquals(OptionalInt.of(Signals.SIGUSR1), Signals.read(fd));
            assertEquals(OptionalInt.of(Signals.SIGRTMIN), Signals.read(fd));
            assertEquals(OptionalInt.empty(), Signals.read(fd));
            // HotSpot blocks some of its own accord.
            assertEquals(Signals.bits(Signals.SIGUSR1, Signals.SIGRTMIN) | before, Signals.bits(Signals.blocked()));
        } finally {
            Signals.unblock(Signals.SIGUSR1, Signals.SIGRTMIN);
        }
        assertEquals(before, Signals.bits(Signals.blocked()));
        assertEquals("SIGTERM SIGUSR1 SIG34",
            Signals.name(15) + " " + Signals.name(10) + " " + Signals.name(34));
        assertThrows(IllegalArgumentException.class, () -> Signals.block(65));
    }

    @Test
    void limitsAndMask() {
        Processes.Limit files = Processes.limit(Processes.RLIMIT_NOFILE);
        Processes.limit(Processes.RLIMIT_NOFILE, new Processes.Limit(files.soft() - 1, files.hard()));
        assertEquals(files.soft() - 1, Processes.limit(Processes.RLIMIT_NOFILE).soft());
        Processes.limit(Processes.RLIMIT_NOFILE, files);
        assertEquals(Errno.EINVAL, assertThrows(PosixException.class,
            () -> Processes.limit(Processes.RLIMIT_NOFILE, new Processes.Limit(2, 1))).errno());
        int mask = Processes.umask(0027);
        assertEquals(0027, Processes.umask(mask));
    }

    @Test
    void privilegesOfOneThread() throws InterruptedException {
        Thread thread = new Thread(() -> {
            Processes.noNewPrivileges();
        });
        thread.start();
        thread.join();
        assertFalse(Processes.hasNoNewPrivileges());
    }

    @Test
    void titleIsShown() throws java.io.IOException {
        String title = "unit: main v1.35.0";
        Processes.title(title);
        byte[] line = java.nio.file.Files.readAllBytes(java.nio.file.Path.of("/proc/self/cmdline"));
        assertEquals(title, new String(line, StandardCharsets.UTF_8).trim());
        assertEquals("unit: main v1.3",
            java.nio.file.Files.readString(java.nio.file.Path.of("/proc/self/comm")).trim());
        Processes.title("x".repeat(100_000));
        String cut = java.nio.file.Files.readString(java.nio.file.Path.of("/proc/self/cmdline")).trim();
        assertTrue(cut.matches("x+") && cut.length() < 100_000);
        Processes.title("");
    }

    /** Runs a program with its output in a memfd; returns the output without blanks at its ends. */
    static String run(SpawnSpec spec) {
        try (Fd output = Files.memfd("output", 0)) {
            Exit exit = Processes.waitFor(Processes.spawn(spec.withFd(1, output.number())));
            assertEquals(0, exit.signal());
            try (Fd again = Files.open("/proc/self/fd/" + output.number(), Files.O_RDONLY, 0)) {
                return new String(Files.readAll(again.number(), 1 << 20), StandardCharsets.UTF_8).strip();
            }
        }
    }
}

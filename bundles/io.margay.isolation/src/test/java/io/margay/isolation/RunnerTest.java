// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Descriptors;
import io.margay.posix.Exit;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.SpawnSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every started process gets, without any isolation. */
class RunnerTest {

    private static String output(String script) {
        try (Launch launch = Launch.shell(script)) {
            Launch.Result result = launch.run();
            assertEquals("", result.fault());
            return result.output();
        }
    }

    @Test
    void exitCodeAndOutput() {
        try (Launch launch = Launch.shell("echo hello; exit 3")) {
            Launch.Result result = launch.run();
            assertEquals("hello\n", result.output());
            assertEquals(3, result.exit().code());
            assertTrue(result.journey().over());
        }
    }

    @Test
    void environmentIsExactlyThatOfThePlan() {
        try (Launch launch = Launch.of("env")) {
            launch.plan().program("/usr/bin/env", List.of("env")).environment(Map.of("A", "1"))
                .environment("B", "two words").environment("A", "ä=\udce9");
            Launch.Result result = launch.run();
            assertEquals(List.of("A=ä=\ufffd", "B=two words"), result.lines());
        }
    }

    @Test
    void argumentsAreExactlyThoseOfThePlan() {
        try (Launch launch = Launch.of("arguments")) {
            launch.plan().program("/bin/sh", List.of("zero", "-c", "printf '%s|' \"$0\" \"$@\"", "a b", "", "c\n"));
            assertEquals("a b||c\n|", launch.run().output());
        }
    }

    @Test
    void descriptorsAreExactlyThoseOfThePlan() throws IOException {
        // A descriptor without close-on-exec, as a library may leave one behind.
        try (Fd stray = io.margay.posix.Files.open("/dev/null", 0, 0); Launch launch =
            Launch.shell("ls /proc/$$/fd; readlink /proc/$$/fd/0 /proc/$$/fd/2")) {
            Descriptors.closeOnExec(stray.number(), false);
            launch.plan().descriptor(9, stray).descriptor(5, stray);
            assertEquals(List.of("0", "1", "2", "5", "9", "/dev/null", "/dev/null"), launch.run().lines());
        }
    }

    @Test
    void descriptorsMayCross() throws IOException {
        Path left = Files.createTempFile("left", "");
        Path right = Files.createTempFile("right", "");
        try (Fd a = io.margay.posix.Files.open(left.toString(), 0, 0);
            Fd b = io.margay.posix.Files.open(right.toString(), 0, 0);
            Launch launch = Launch.shell("readlink /proc/$$/fd/" + a.number() + " /proc/$$/fd/" + b.number())) {
            launch.plan().descriptor(a.number(), b).descriptor(b.number(), a);
            assertEquals(List.of(right.toString(), left.toString()), launch.run().lines());
        } finally {
            Files.delete(left);
            Files.delete(right);
        }
    }

    @Test
    void noSignalIsBlockedOrIgnored() {
        List<String> lines = output("grep -E '^Sig(Blk|Ign)|^ShdPnd' /proc/$$/status | cut -f2").lines().toList();
        assertEquals(3, lines.size());
        for (String mask : lines) {
            // Signals from 32 on belong to libraries; a starter may have left those of the C library ignored.
            assertEquals(0, Long.parseUnsignedLong(mask, 16) & 0x7fff_ffffL, mask);
        }
    }

    @Test
    void directoryMaskAndLimits() {
        try (Launch launch = Launch.shell("pwd; umask; ulimit -n; ulimit -Hn; ulimit -c")) {
            launch.plan().directory("/usr/share").umask(027).limit(new Limit(Limit.Resource.NOFILE, 100, 200))
                .limit(new Limit(Limit.Resource.CORE, 0, Limit.UNLIMITED));
            assertEquals(List.of("/usr/share", "0027", "100", "200", "0"), launch.run().lines());
        }
    }

    @Test
    void deathSignalIsSet() {
        String script = "import ctypes; n = ctypes.c_int(); ctypes.CDLL(None).prctl(2, ctypes.byref(n));"
            + " print(n.value)";
        try (Launch launch = Launch.of("python")) {
            launch.plan().program("/usr/bin/python3", List.of("python3", "-I", "-c", script)).deathSignal(9);
            assertEquals("9\n", launch.run().output());
        }
    }

    @Test
    void deathSignalFollowsTheStartingThread() throws InterruptedException {
        try (Launch launch = Launch.shell("echo up; exec sleep 60")) {
            launch.plan().deathSignal(9);
            Thread starter = new Thread(() -> {
                launch.begin(pid -> { });
                assertTrue(launch.started().await(5000));
            });
            starter.start();
            starter.join();
            assertEquals(9, Launch.end(launch.pid()).signal());
        }
    }

    @Test
    void aClosedReportMeansThatMainIsDead() {
        try (Launch launch = Launch.shell("echo alive").handshake()) {
            launch.plan().deathSignal(9);
            launch.begin(pid -> launch.started().close());
            assertEquals(1, Launch.end(launch.pid()).code());
        }
    }

    @Test
    void seccompFilterHoldsInTheProgram() {
        // BPF: load the number of the system call; getpid and getppid, which nothing needs, answer EPERM.
        int denied = Architecture.current() == Architecture.X86_64 ? 110 : 173;
        byte[] filter = Pool.buffer(32)
            .putShort((short) 0x20).putShort((short) 0).putInt(0)
            .putShort((short) 0x15).put((byte) 0).put((byte) 1).putInt(denied)
            .putShort((short) 0x06).putShort((short) 0).putInt(0x00050001)
            .putShort((short) 0x06).putShort((short) 0).putInt(0x7fff0000).array();
        try (Launch launch = Launch.of("python")) {
            launch.plan().newPrivileges(false).seccomp(filter)
                .program("/usr/bin/python3", List.of("python3", "-I", "-c", "import os; print(os.getppid())"));
            assertEquals("-1\n", launch.run().output());
        }
    }

    @Test
    void programFromAFileWhereMemoryMayNotBeExecuted(@TempDir Path directory) throws IOException {
        CallTable table = CallTable.compile(LaunchPlan.builder("file")
            .program("/bin/sh", List.of("sh", "-c", "exit 7")).build());
        try (Fd program = new Runner(directory).file(table.executable());
            Fd report = io.margay.posix.Files.open("/dev/null", io.margay.posix.Files.O_RDWR, 0)) {
            int pid = Processes.spawn(SpawnSpec.of("/proc/self/fd/" + table.numbers().runner(), List.of("start"))
                .withFd(table.numbers().runner(), program.number())
                .withFd(table.numbers().report(), report.number()));
            assertEquals(new Exit(pid, 7, 0, false), Launch.end(pid));
        }
        try (var left = Files.list(directory)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void directoryOfTheFallbackIsMissing() {
        Runner runner = new Runner(Path.of("/nonexistent"));
        PosixException failure = assertThrows(PosixException.class, () -> runner.file(new byte[1]));
        assertEquals(2, failure.errno());
    }

    @Test
    void nothingIsLeftOpen() {
        output("true");
        int[] before = Descriptors.open();
        for (int i = 0; i < 5; i++) {
            output("true");
        }
        assertArrayEquals(before, Descriptors.open());
    }

    @Test
    void programRunsWithoutTheRunner() {
        assertFalse(output("cat /proc/$$/maps").contains("unit-start"));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Children with just what they were given, how they end, limits, accounts, and news of directories. */
@Timeout(120)
class ChildrenTest {
    @TempDir
    private Path directory;
    private int[] before;

    @BeforeEach
    void count() {
        before = Descriptors.open();
    }

    @AfterEach
    void noDescriptorIsLeft() {
        assertArrayEquals(before, Descriptors.open());
    }

    private static String sh(String command) {
        return ProcessesTest.run(SpawnSpec.of("/bin/sh", List.of("sh", "-c", command)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 77, 126, 127, 128, 143, 254, 255})
    void exitCodes(int code) {
        int pid = Processes.spawn(SpawnSpec.of("/bin/sh", List.of("sh", "-c", "exit " + code)));
        Exit exit = Processes.waitFor(pid);
        assertEquals(new Exit(pid, code, 0, false), exit);
        assertFalse(exit.signaled());
    }

    /** The status of waitpid, taken apart. */
    @ParameterizedTest
    @CsvSource({"0x0000, 0, 0, false", "0x0100, 1, 0, false", "0xFF00, 255, 0, false", "0x0009, 0, 9, false",
        "0x000F, 0, 15, false", "0x008B, 0, 11, true", "0x0086, 0, 6, true", "0x0022, 0, 34, false",
        "0x7F00, 127, 0, false"})
    void statuses(String status, int code, int signal, boolean core) {
        assertEquals(new Exit(7, code, signal, core), Exit.of(7, Integer.decode(status)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        a
        ` `
        ``
        a b
        'quoted'
        "double"
        $HOME
        *
        \\
        -n
        \u00e9\u20ac
        """)
    void argumentsAreNotReadByAnybody(String argument) {
        assertEquals("[" + argument + "]", ProcessesTest.run(SpawnSpec.of("/bin/sh",
            List.of("sh", "-c", "printf '[%s]' \"$1\"", "sh", argument))));
        assertEquals("[" + argument + "]", ProcessesTest.run(SpawnSpec.of("/bin/sh",
            List.of("sh", "-c", "printf '[%s]' \"$V\"")).withEnvironment(Map.of("V", argument))));
    }

    @Test
    void theEnvironmentIsWhatIsGiven() {
        assertEquals("", ProcessesTest.run(SpawnSpec.of("/usr/bin/env", List.of("env"))));
        assertEquals("B=2\nA=1", ProcessesTest.run(SpawnSpec.of("/usr/bin/env", List.of("env"))
            .withEnvironment(List.of("B=2", "A=1"))));
        Map<String, String> variables = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            variables.put("V" + i, "x".repeat(i));
        }
        assertEquals(200, ProcessesTest.run(SpawnSpec.of("/usr/bin/env", List.of("env"))
            .withEnvironment(variables)).lines().count());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # numbers in the child | open there
        -                      | 0 1 2
        3                      | 0 1 2 3
        9                      | 0 1 2 9
        3 4 5                  | 0 1 2 3 4 5
        7 3                    | 0 1 2 3 7
        100                    | 0 1 2 100
        4 200                  | 0 1 2 4 200
        """)
    void descriptorsAreThoseOfTheSpec(String numbers, String open) {
        try (Fd memory = Files.memfd("given", 0); Fd leak = Files.memfd("leak", 0)) {
            Descriptors.closeOnExec(leak.number(), false);
            SpawnSpec spec = SpawnSpec.of("/bin/sh", List.of("sh", "-c",
                "for n in /proc/$$/fd/*; do [ -e $n ] && printf '%s ' ${n##*/}; done"));
            for (String number : numbers.equals("-") ? new String[0] : numbers.split(" ")) {
                spec = spec.withFd(Integer.parseInt(number), memory.number());
            }
            List<Integer> found = java.util.stream.Stream.of(ProcessesTest.run(spec).split(" ")).map(Integer::valueOf)
                .sorted().toList();
            assertEquals(open, String.join(" ", found.stream().map(String::valueOf).toList()));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        /no/such/file | 2
        /etc          | 13
        /etc/passwd   | 13
        /etc/passwd/x | 20
        """)
    void whatCannotBeStarted(String path, int errno) {
        PosixException e = assertThrows(PosixException.class,
            () -> Processes.spawn(SpawnSpec.of(path, List.of("x"))));
        assertEquals("posix_spawn(\"" + path + "\") failed " + PosixException.describe(errno), e.getMessage());
    }

    @Test
    void aSpecIsNotChanged() {
        List<String> arguments = new ArrayList<>(List.of("a"));
        SpawnSpec spec = SpawnSpec.of("/x", arguments);
        arguments.add("b");
        assertEquals(List.of("a"), spec.arguments());
        SpawnSpec more = spec.withFd(5, 1).withFd(3, 2).withBlocked(1, 2).withNewSession()
            .withEnvironment(List.of("A=b"));
        assertEquals(Map.of(), spec.fds());
        assertEquals("[3, 5] [1, 2] true [A=b]", more.fds().keySet() + " " + more.blocked() + " " + more.newSession()
            + " " + more.environment());
        assertThrows(UnsupportedOperationException.class, () -> more.fds().put(1, 1));
        assertThrows(UnsupportedOperationException.class, () -> more.arguments().add("x"));
    }

    @Test
    void manyChildrenAreEachReapedByTheirOwnNumber() {
        Map<Integer, Integer> codes = new HashMap<>();
        for (int i = 0; i < 20; i++) {
            codes.put(Processes.spawn(SpawnSpec.of("/bin/sh", List.of("sh", "-c", "exit " + i))), i);
        }
        codes.forEach((pid, code) -> assertEquals(code, Processes.waitFor(pid).code()));
        codes.keySet().forEach(pid ->
            assertEquals("waitpid(" + pid + ") failed (10: No child processes)",
                assertThrows(PosixException.class, () -> Processes.wait(pid)).getMessage()));
    }

    @Test
    void theEndOfAnyProcessIsToldByItsDescriptor() throws IOException {
        // A grandchild, which nobody here may wait for.
        String pid = sh("sleep 1000 > /dev/null 2>&1 & echo $!");
        int number = Integer.parseInt(pid);
        try (Fd fd = Processes.pidfdOpen(number)) {
            assertTrue(Descriptors.closeOnExec(fd.number()));
            assertEquals(0, Descriptors.poll(fd.number(), Descriptors.POLLIN, 0));
            assertThrows(PosixException.class, () -> Processes.wait(number));
            Processes.kill(number, Signals.SIGKILL);
            assertTrue((Descriptors.poll(fd.number(), Descriptors.POLLIN, 20_000) & Descriptors.POLLIN) != 0);
        }
        assertEquals(Errno.EINVAL, assertThrows(PosixException.class, () -> Processes.pidfdOpen(0)).errno());
        assertEquals(Errno.EINVAL, assertThrows(PosixException.class, () -> Processes.pidfdOpen(-1)).errno());
        assertEquals("pidfd_open(99999999) failed (3: No such process)",
            assertThrows(PosixException.class, () -> Processes.pidfdOpen(99_999_999)).getMessage());
    }

    @ParameterizedTest
    @CsvSource({"4", "6", "7", "9"})
    void limitsAreThoseOfTheKernel(int resource) throws IOException {
        String name = Map.of(4, "Max core file size", 6, "Max processes", 7, "Max open files", 9, "Max address space")
            .get(resource);
        String line = java.nio.file.Files.readAllLines(Path.of("/proc/self/limits")).stream()
            .filter(each -> each.startsWith(name)).findFirst().orElseThrow();
        String[] words = line.substring(name.length()).strip().split(" +");
        Processes.Limit limit = Processes.limit(resource);
        assertEquals(words[0], limit.soft() == Processes.UNLIMITED ? "unlimited" : Long.toString(limit.soft()));
        assertEquals(words[1], limit.hard() == Processes.UNLIMITED ? "unlimited" : Long.toString(limit.hard()));
    }

    @Test
    void aLimitIsInherited() {
        Processes.Limit former = Processes.limit(Processes.RLIMIT_NOFILE);
        Processes.limit(Processes.RLIMIT_NOFILE, new Processes.Limit(300, former.hard()));
        try {
            assertEquals("300", sh("ulimit -n"));
        } finally {
            Processes.limit(Processes.RLIMIT_NOFILE, former);
        }
        assertEquals("prlimit(999) failed (22: Invalid argument)",
            assertThrows(PosixException.class, () -> Processes.limit(999)).getMessage());
        assertEquals("prlimit(7, 5, 4) failed (22: Invalid argument)", assertThrows(PosixException.class,
            () -> Processes.limit(Processes.RLIMIT_NOFILE, new Processes.Limit(5, 4))).getMessage());
    }

    @Test
    void privilegesThatCannotBeGainedAreInherited() throws InterruptedException {
        String[] seen = new String[2];
        Thread thread = new Thread(() -> {
            Processes.noNewPrivileges();
            seen[0] = String.valueOf(Processes.hasNoNewPrivileges());
            seen[1] = sh("grep NoNewPrivs /proc/$$/status");
        });
        thread.start();
        thread.join();
        assertEquals("true", seen[0]);
        assertEquals("NoNewPrivs:\t1", seen[1]);
        assertEquals("NoNewPrivs:\t0", sh("grep NoNewPrivs /proc/$$/status"));
    }

    @Test
    void whatCanBeDumped() throws IOException {
        Processes.dumpable(false);
        try {
            if (Credentials.effectiveUid() != 0) {
                assertEquals(0, Files.status("/proc/self/maps").orElseThrow().uid());
            }
        } finally {
            Processes.dumpable(true);
        }
        assertEquals(Credentials.effectiveUid(), Files.status("/proc/self/maps").orElseThrow().uid());
    }

    /** Capabilities as the kernel prints them. */
    @Test
    void capabilitiesOfThisThread() throws IOException {
        String line = java.nio.file.Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
            .filter(each -> each.startsWith("CapEff:")).findFirst().orElseThrow();
        long told = Credentials.effectiveCapabilities();
        assertEquals(line.substring(7).strip(), String.format("%016x", told));
        if (Credentials.effectiveUid() == 0) {
            for (int capability : new int[] {Credentials.CAP_SETGID, Credentials.CAP_SETUID,
                Credentials.CAP_SYS_CHROOT}) {
                assertTrue((told >> capability & 1) != 0, () -> "capability " + capability);
            }
        }
    }

    /** Groups of each account of this machine, by the system's own tool. */
    @Test
    void groupsAreThoseOfTheDatabase() throws IOException {
        List<String> accounts = java.nio.file.Files.readAllLines(Path.of("/etc/passwd")).stream().limit(12).toList();
        for (String account : accounts) {
            String[] parts = account.split(":");
            int gid = Integer.parseInt(parts[3]);
            List<Integer> expected = new ArrayList<>(List.of(gid));
            for (String group : java.nio.file.Files.readAllLines(Path.of("/etc/group"))) {
                String[] fields = group.split(":", -1);
                if (List.of(fields[3].split(",")).contains(parts[0]) && Integer.parseInt(fields[2]) != gid) {
                    expected.add(Integer.parseInt(fields[2]));
                }
            }
            List<Integer> found = new ArrayList<>();
            for (int group : Credentials.groupsOf(parts[0], gid)) {
                found.add(group);
            }
            assertEquals(expected.stream().sorted().toList(), found.stream().sorted().toList(), account);
        }
        assertArrayEquals(new int[] {4242}, Credentials.groupsOf("", 4242));
        assertEquals("getgrouplist(\"a?b\", 0, ...) failed (22: Invalid argument)",
            assertThrows(PosixException.class, () -> Credentials.groupsOf("a\0b", 0)).getMessage());
    }

    /** What happens in a directory, and the news of it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        create        | 100:new 8:new
        write         | 8:old
        delete        | 200:old
        move in       | 80:in
        move out      | 40:old
        rename        | 40:old 80:renamed
        directory     | 100:sub
        delete itself | 400: 8000:
        """)
    void newsOfDirectories(String action, String expected) throws IOException {
        Path watched = java.nio.file.Files.createDirectory(directory.resolve("watched"));
        Path old = java.nio.file.Files.writeString(watched.resolve("old"), "x");
        java.nio.file.Files.writeString(directory.resolve("in"), "x");
        if (action.equals("delete itself")) {
            java.nio.file.Files.delete(old);
        }
        try (Fd inotify = Inotify.open()) {
            assertEquals(List.of(), Inotify.read(inotify));
            Inotify.watch(inotify, watched.toString(), Inotify.IN_CLOSE_WRITE | Inotify.IN_CREATE | Inotify.IN_DELETE
                | Inotify.IN_MOVED_FROM | Inotify.IN_MOVED_TO | Inotify.IN_DELETE_SELF);
            switch (action) {
                case "create" -> java.nio.file.Files.writeString(watched.resolve("new"), "x");
                case "write" -> java.nio.file.Files.writeString(old, "y");
                case "delete" -> java.nio.file.Files.delete(old);
                case "move in" -> Files.rename(directory + "/in", watched + "/in");
                case "move out" -> Files.rename(old.toString(), directory + "/out");
                case "rename" -> Files.rename(old.toString(), watched + "/renamed");
                case "directory" -> Files.mkdir(watched + "/sub", 0700);
                default -> Files.rmdir(watched.toString());
            }
            assertEquals(Descriptors.POLLIN, Descriptors.poll(inotify.number(), Descriptors.POLLIN, 20_000));
            List<String> news = new ArrayList<>();
            for (Inotify.Event event : Inotify.read(inotify)) {
                news.add(Integer.toHexString(event.mask() & 0xFFFF) + ":" + event.name());
            }
            assertEquals(List.of(expected.split(" ")), news);
            assertEquals(List.of(), Inotify.read(inotify));
        }
    }

    @Test
    void aWatchEnds() throws IOException {
        try (Fd inotify = Inotify.open()) {
            int watch = Inotify.watch(inotify, directory.toString(), Inotify.IN_CREATE);
            assertEquals(watch, Inotify.watch(inotify, directory.toString(), Inotify.IN_CREATE), "one for a directory");
            Inotify.unwatch(inotify, watch);
            assertTrue(Inotify.read(inotify).getFirst().is(Inotify.IN_IGNORED));
            java.nio.file.Files.writeString(directory.resolve("later"), "x");
            assertEquals(List.of(), Inotify.read(inotify));
            Inotify.unwatch(inotify, watch);
            assertEquals("inotify_add_watch(\"" + directory + "/none\") failed (2: No such file or directory)",
                assertThrows(PosixException.class,
                    () -> Inotify.watch(inotify, directory + "/none", Inotify.IN_CREATE)).getMessage());
            assertEquals(Errno.ENOTDIR, assertThrows(PosixException.class,
                () -> Inotify.watch(inotify, directory + "/later", Inotify.IN_CREATE)).errno());
        }
    }

    @Test
    void identities() throws IOException {
        assertEquals(ProcessHandle.current().pid(), Processes.pid());
        assertEquals(Integer.toString(Processes.threadId()),
            java.nio.file.Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName().toString());
        assertEquals(Integer.toString(Processes.pid()), sh("echo $PPID"));
    }
}

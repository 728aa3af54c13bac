// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Another root directory, with mounts, as root. */
class RootTest {

    private Path base;
    private Path root;
    private List<String> before;

    /** A root in which a shell runs when the host's /usr is mounted. */
    @BeforeEach
    void make() throws IOException {
        Privileges.assumeRoot();
        base = Files.createTempDirectory("rootfs");
        base.toFile().setExecutable(true, false);
        base.toFile().setReadable(true, false);
        root = Files.createDirectory(base.resolve("root"));
        for (String name : List.of("bin", "lib", "lib64")) {
            if (Files.isSymbolicLink(Path.of("/", name))) {
                Files.createSymbolicLink(root.resolve(name), Path.of("usr", name));
            }
        }
        before = mounts();
    }

    @AfterEach
    void nothingIsLeftOnTheHost() throws IOException {
        if (root == null) {
            return;
        }
        assertEquals(before, mounts());
        try (var files = Files.walk(base)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static List<String> mounts() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo"));
    }

    private static List<Mount> mounts(Automount automount) {
        List<Mount> language = new ArrayList<>(List.of(Mount.bind("/usr")));
        for (String name : List.of("/bin", "/lib", "/lib64")) {
            if (Files.isDirectory(Path.of(name), LinkOption.NOFOLLOW_LINKS)) {
                language.add(Mount.bind(name));
            }
        }
        return Mounts.of(automount, language, notice -> {
            throw new AssertionError(notice.text());
        });
    }

    private static final Automount ALL = new Automount(true, true, true);

    private Launch launch(String script, Set<Namespace> namespaces, Automount automount) {
        Launch launch = Launch.shell(script);
        launch.plan().namespaces(namespaces).root(root.toString()).mounts(mounts(automount));
        return launch;
    }

    @Test
    void pivotWithAllMounts() {
        String script = "pwd; cd ..; ls -d *; cat /proc/1/comm; echo x > /tmp/x && ls -ld /tmp | cut -c1-10;"
            + " cut -d' ' -f2,3 /proc/mounts | sort";
        try (Launch launch = launch(script, EnumSet.of(Namespace.MOUNT, Namespace.PID), ALL).handshake()) {
            Launch.Result result = launch.run();
            assertEquals("", result.fault());
            List<String> lines = new ArrayList<>(result.lines());
            assertEquals("/", lines.removeFirst());
            assertTrue(lines.containsAll(List.of("proc", "sh", "tmp", "drwxrwxrwt", "/proc proc", "/tmp tmpfs")),
                lines.toString());
            assertFalse(lines.contains("etc"), lines.toString());
            assertEquals(4, lines.stream().filter(line -> line.startsWith("/")).count(), "root and three mounts");
        }
    }

    @Test
    void pivotInEveryNamespaceWithoutPrivileges() {
        Set<Namespace> all = EnumSet.allOf(Namespace.class);
        all.removeIf(namespace -> !namespace.supported());
        try (Launch launch = launch("id -u; cat /proc/1/comm; touch /tmp/x && echo written", all, ALL).handshake()) {
            List<IdMap> maps = List.of(new IdMap(65534, 65534, 1));
            launch.plan().maps(maps, maps)
                .identity(new Identity("nobody", 65534, 65534, Optional.of(new int[] {65534})));
            LaunchPlan plan = launch.plan().build();
            Launch.Result result = launch.run(pid -> new MapWriter(true).write(pid, plan));
            assertEquals("", result.fault(), () -> result.journey().text());
            assertEquals(List.of("65534", "sh", "written"), result.lines());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileOfTheHost(boolean there) throws IOException {
        if (there) {
            Files.createFile(Files.createDirectory(root.resolve("dev")).resolve("null"));
        }
        try (Launch launch = launch("test -c /dev/null && echo x > /dev/null && test ! -s /dev/null && echo good",
            Set.of(Namespace.MOUNT), new Automount(true, false, false))) {
            launch.plan().mounts(device());
            Launch.Result result = launch.run();
            assertEquals("", result.fault(), () -> result.journey().text());
            assertEquals(List.of("good"), result.lines());
        }
        assertTrue(Files.isRegularFile(root.resolve("dev/null")), "only inside it is a device");
    }

    private static List<Mount> device() {
        List<Mount> all = Mounts.of(new Automount(true, false, false), List.of(Mount.bind("/dev/null")), notice -> {
            throw new AssertionError(notice.text());
        });
        assertEquals(List.of(Mount.Type.FILE), all.stream().map(Mount::type).toList());
        return all;
    }

    @Test
    void aFileOfTheHostInEveryNamespaceWithoutPrivileges() {
        Set<Namespace> all = EnumSet.allOf(Namespace.class);
        all.removeIf(namespace -> !namespace.supported());
        try (Launch launch = launch("echo x > /dev/null && test -c /dev/null && echo good", all, ALL).handshake()) {
            List<IdMap> maps = List.of(new IdMap(65534, 65534, 1));
            launch.plan().maps(maps, maps).mounts(device())
                .identity(new Identity("nobody", 65534, 65534, Optional.of(new int[] {65534})));
            LaunchPlan plan = launch.plan().build();
            Launch.Result result = launch.run(pid -> new MapWriter(true).write(pid, plan));
            assertEquals("", result.fault(), () -> result.journey().text());
            assertEquals(List.of("good"), result.lines());
        }
    }

    @Test
    void aFileIsNeverOnTheHost() throws IOException {
        try (Launch launch = launch("test -c /dev/null && echo there", Set.of(), new Automount(true, false, false))) {
            launch.plan().mounts(device());
            Launch.Result result = launch.run();
            assertEquals("", result.fault());
            assertEquals(List.of("there"), result.lines());
            assertEquals(before, mounts());
        }
    }

    @Test
    void aLinkAtTheDestinationOfAFileLeadsNowhere() throws IOException {
        Path outside = Files.writeString(base.resolve("outside"), "mine");
        Files.createSymbolicLink(Files.createDirectory(root.resolve("dev")).resolve("null"), outside);
        try (Launch launch = launch("true", Set.of(), new Automount(true, false, false))) {
            launch.plan().mounts(device());
            launch.run();
            assertEquals("mine", Files.readString(outside));
        }
    }

    @Test
    void chrootWithMountsThatTheHostDoesNotSee() throws IOException {
        try (Launch launch = launch("ls -d /*; touch /tmp/x", Set.of(), new Automount(true, true, false))) {
            launch.plan().directory("/usr/share");
            Launch.Result result = launch.run();
            assertEquals("", result.fault());
            assertTrue(result.lines().containsAll(List.of("/tmp", "/usr")), result.output());
            assertFalse(result.lines().contains("/etc"), result.output());
            assertEquals(before, mounts());
            try (var files = Files.list(root.resolve("tmp"))) {
                assertEquals(0, files.count(), "it was in memory");
            }
        }
    }

    @Test
    void nothingIsLeftByAStartThatFailedEarly() {
        try (Launch launch = launch("true", Set.of(), ALL)) {
            launch.plan().mounts(List.of(Mount.bind("/nonexistent")));
            Launch.Result result = launch.run();
            assertEquals("mount(\"/nonexistent\", \"" + root + "/nonexistent\", \"bind\", 20480, \"\")"
                + " (2: No such file or directory)", result.fault());
        }
    }

    @Test
    void linksInTheRootLeadNowhereElse() throws IOException {
        Path outside = Files.createDirectory(base.resolve("outside"));
        Files.createDirectories(root.resolve("data/inner"));
        Files.createSymbolicLink(root.resolve("up"), Path.of("../outside"));
        Files.createSymbolicLink(root.resolve("absolute"), Path.of("/data"));
        for (String target : List.of("/up", "/up/deeper", "/absolute", "/absolute/made/below", "/data/./inner")) {
            Mount mount = new Mount(Mount.Type.TMPFS, "tmpfs", target, Set.of(), "size=4k");
            try (Launch launch = launch("cut -d' ' -f2 /proc/mounts", EnumSet.of(Namespace.MOUNT, Namespace.PID),
                ALL).handshake()) {
                launch.plan().mounts(List.of(mount));
                Launch.Result result = launch.run();
                if (target.startsWith("/up")) {
                    assertTrue(result.fault().startsWith("mkdir(" + root + "/up"), result.fault());
                } else {
                    assertEquals("", result.fault(), target);
                    assertTrue(result.lines().contains(target.replace("absolute", "data").replace("/./", "/")),
                        result.output());
                }
            }
        }
        try (var files = Files.list(outside)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void workingDirectoryAndOutputAreInsideTheRoot() throws IOException {
        Files.createDirectory(root.resolve("srv"));
        try (Launch launch = launch("pwd; ls", EnumSet.of(Namespace.MOUNT), new Automount(true, false, false))) {
            launch.plan().directory("srv").stdout("/out");
            assertEquals("", launch.run().fault());
            assertEquals(List.of("/srv"), Files.readAllLines(root.resolve("out")));
        }
    }

    @Test
    void kernelWithoutOpenat2() throws IOException {
        // BPF: openat2 (437 everywhere) answers ENOSYS.
        byte[] filter = Pool.buffer(32)
            .putShort((short) 0x20).putShort((short) 0).putInt(0)
            .putShort((short) 0x15).put((byte) 0).put((byte) 1).putInt(437)
            .putShort((short) 0x06).putShort((short) 0).putInt(0x00050026)
            .putShort((short) 0x06).putShort((short) 0).putInt(0x7fff0000).array();
        Files.createSymbolicLink(root.resolve("link"), Path.of("usr"));
        for (String target : List.of("/a/b", "/link/c", "/link")) {
            LaunchPlan plan = LaunchPlan.builder("old").program("/bin/sh", List.of("sh", "-c", "exit 7"))
                .namespaces(Set.of(Namespace.MOUNT)).root(root.toString())
                .mounts(mounts(new Automount(true, true, true)))
                .mounts(List.of(new Mount(Mount.Type.TMPFS, "tmpfs", target, Set.of(), ""))).build();
            Inner.Result result = Inner.filtered(plan, filter);
            if (target.startsWith("/link")) {
                assertEquals("mkdir(" + root + "/link) (20: Not a directory)", result.fault());
            } else {
                assertEquals("", result.fault());
                assertEquals(7, result.exit().code());
            }
        }
    }
}

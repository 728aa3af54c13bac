// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Namespaces, maps and ids, as root. */
class NamespacesTest {

    private static final String LINKS = "for n in user pid net mnt uts cgroup; do readlink /proc/$$/ns/$n; done";
    /** The host's /proc tells of a process in another pid namespace under its number outside, which is 'self'. */
    private static final String SELF_LINKS = "readlink /proc/self/ns/user /proc/self/ns/pid /proc/self/ns/net"
        + " /proc/self/ns/mnt /proc/self/ns/uts /proc/self/ns/cgroup";

    @BeforeEach
    void root() {
        Privileges.assumeRoot();
    }

    private static String own(Namespace namespace) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns", namespace.file())).toString();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private static void assertNew(Set<Namespace> expected, List<String> links) {
        List<Namespace> all = List.of(Namespace.values());
        assertEquals(all.size(), links.size(), links.toString());
        for (int i = 0; i < all.size(); i++) {
            assertEquals(expected.contains(all.get(i)), !own(all.get(i)).equals(links.get(i)), all.get(i).toString());
        }
    }

    @ParameterizedTest
    @EnumSource(Namespace.class)
    void eachAlone(Namespace namespace) {
        assumeTrue(namespace.supported(), "no such namespace in this kernel");
        try (Launch launch = Launch.shell(SELF_LINKS).handshake()) {
            launch.plan().namespaces(Set.of(namespace)).maps(List.of(new IdMap(0, 0, 1)), List.of(new IdMap(0, 0, 1)));
            LaunchPlan plan = launch.plan().build();
            Launch.Result result = launch.run(pid -> new MapWriter(true).write(pid, plan));
            assertEquals("", result.fault());
            assertNew(Set.of(namespace), result.lines());
        }
    }

    @Test
    void allTogetherWithArbitraryMaps() {
        Set<Namespace> all = EnumSet.allOf(Namespace.class);
        all.removeIf(namespace -> !namespace.supported());
        List<IdMap> maps = List.of(new IdMap(0, 0, 1), new IdMap(1000, 200_000, 10), new IdMap(5, 300_000, 1));
        String script = SELF_LINKS + "; echo $$; id -u; id -g; id -G; cat /proc/self/uid_map | tr -s ' '";
        try (Launch launch = Launch.shell(script).handshake()) {
            launch.plan().namespaces(all).maps(maps, maps)
                .identity(new Identity("app", 1003, 1004, Optional.of(new int[] {1004, 5})));
            LaunchPlan plan = launch.plan().build();
            Launch.Result result = launch.run(pid -> new MapWriter(true).write(pid, plan));
            assertEquals("", result.fault());
            assertNew(all, result.lines().subList(0, 6));
            assertEquals(List.of("1", "1003", "1004", "1004 5", " 0 0 1", " 1000 200000 10", " 5 300000 1"),
                result.lines().subList(6, result.lines().size()));
        }
    }

    @Test
    void noneAtAll() {
        try (Launch launch = Launch.shell(LINKS)) {
            assertNew(Set.of(), launch.run().lines());
        }
    }

    @Test
    void firstProcessOfAPidNamespace() {
        try (Launch launch = Launch.shell("echo $$ $PPID; kill -9 $$; exit 4").handshake()) {
            launch.plan().namespaces(Set.of(Namespace.PID));
            Launch.Result result = launch.run();
            assertEquals("1 0\n", result.output());
            assertEquals(4, result.exit().code(), "a pid 1 cannot kill itself");
            assertTrue(launch.started().clones());
            assertNotEquals(launch.started().pid(), launch.pid());
        }
    }

    @Test
    void idsOfAnotherUser() {
        try (Launch launch = Launch.shell("id -u; id -g; id -G; grep -E '^(Cap|NoNew)' /proc/$$/status | cut -f2")) {
            launch.plan().newPrivileges(false)
                .identity(new Identity("nobody", 65534, 65533, Optional.of(new int[] {65533, 7, 8})));
            Launch.Result result = launch.run();
            assertEquals(List.of("65534", "65533", "65533 7 8"), result.lines().subList(0, 3));
            List<String> capabilities = result.lines().subList(3, 8);
            assertEquals("0000000000000000", capabilities.get(0), "inheritable");
            assertEquals("0000000000000000", capabilities.get(1), "permitted");
            assertEquals("0000000000000000", capabilities.get(2), "effective");
            assertEquals("0000000000000000", capabilities.get(4), "ambient");
            assertEquals("1", result.lines().get(8), "no_new_privs");
        }
    }

    @Test
    void newPrivilegesAreAllowedByDefault() {
        try (Launch launch = Launch.shell("grep NoNewPrivs /proc/$$/status | cut -f2")) {
            launch.plan().identity(new Identity("nobody", 65534, 65534, Optional.of(new int[0])));
            assertEquals("0\n", launch.run().output());
        }
    }

    @Test
    void emptyGroupListRemovesThoseOfTheServer() {
        try (Launch launch = Launch.shell("grep '^Groups' /proc/$$/status | tr -d '[:space:]'")) {
            launch.plan().identity(new Identity("nobody", 65534, 65534, Optional.of(new int[0])));
            assertEquals("Groups:", launch.run().output());
        }
    }

    @Test
    void largestId() {
        try (Launch launch = Launch.shell("id -u; id -g")) {
            launch.plan().identity(new Identity("big", -2, -3, Optional.of(new int[] {-4})));
            assertEquals(List.of("4294967294", "4294967293"), launch.run().lines());
        }
    }

    @Test
    void outputFilesBelongToTheNewUser() throws IOException {
        Path directory = Files.createTempDirectory("output");
        Path file = directory.resolve("out");
        Files.setPosixFilePermissions(directory, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
        try (Launch launch = Launch.shell("echo one; echo two >&2")) {
            launch.plan().umask(022).stdout(file.toString()).stderr(file.toString())
                .identity(new Identity("nobody", 65534, 65534, Optional.of(new int[] {65534})));
            assertEquals("", launch.run().output());
            assertEquals(List.of("one", "two"), Files.readAllLines(file));
            assertEquals(65534, Files.getAttribute(file, "unix:uid"));
            assertEquals(65534, Files.getAttribute(file, "unix:gid"));
            assertEquals(0100644, Files.getAttribute(file, "unix:mode"));
        } finally {
            Files.deleteIfExists(file);
            Files.delete(directory);
        }
    }

    @Test
    void outputThatCannotBeOpenedIsReportedAndLeft() {
        try (Launch launch = Launch.shell("echo still here")) {
            launch.plan().stdout("/nonexistent/out").stderr("/proc/nothing");
            Launch.Result result = launch.run();
            assertEquals("still here\n", result.output());
            assertEquals(List.of("open(\"/nonexistent/out\") failed (2: No such file or directory)",
                "open(\"/proc/nothing\") failed (2: No such file or directory)"),
                result.journey().faults().stream().map(Fault::text).toList());
            assertTrue(result.journey().fatal().isEmpty());
            assertEquals(Severity.ERROR, result.journey().faults().getFirst().severity());
        }
    }
}

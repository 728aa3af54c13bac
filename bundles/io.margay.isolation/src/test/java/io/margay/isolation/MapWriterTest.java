// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Maps on files that look like /proc, and the kernel's refusals on the real one. */
class MapWriterTest {

    private static final List<IdMap> UIDS = List.of(new IdMap(0, 100, 1), new IdMap(5, 4294967295L, 10));
    private static final List<IdMap> GIDS = List.of(new IdMap(7, 8, 9));

    @TempDir
    Path proc;

    @BeforeEach
    void files() throws IOException {
        Files.createDirectory(proc.resolve("42"));
        for (String name : List.of("uid_map", "setgroups", "gid_map")) {
            Files.createFile(proc.resolve("42").resolve(name));
        }
    }

    private static LaunchPlan plan(Set<Namespace> namespaces, List<IdMap> uids, List<IdMap> gids) {
        return LaunchPlan.builder("x").program("/bin/x", List.of("x")).namespaces(namespaces).maps(uids, gids).build();
    }

    private static LaunchPlan plan() {
        return plan(Set.of(Namespace.CREDENTIAL), UIDS, GIDS);
    }

    private String read(String name) throws IOException {
        return Files.readString(proc.resolve("42").resolve(name));
    }

    private String refusal() {
        return assertThrows(IsolationException.class, () -> new MapWriter(proc.toString(), true).write(42, plan()))
            .getMessage();
    }

    @Test
    void linesWithoutAnEnd() throws IOException {
        new MapWriter(proc.toString(), true).write(42, plan());
        assertEquals("0 100 1\n5 4294967295 10", read("uid_map"));
        assertEquals("7 8 9", read("gid_map"));
        assertEquals("allow", read("setgroups"));
    }

    @Test
    void groupsAreGivenUpWithoutTheRight() throws IOException {
        new MapWriter(proc.toString(), false).write(42, plan());
        assertEquals("deny", read("setgroups"));
    }

    @Test
    void nothingWithoutACredentialNamespace() throws IOException {
        new MapWriter(proc.toString(), true).write(42, plan(Set.of(), List.of(), List.of()));
        assertEquals("", read("uid_map"));
    }

    @Test
    void oldKernelWithoutSetgroups() throws IOException {
        Files.delete(proc.resolve("42/setgroups"));
        new MapWriter(proc.toString(), false).write(42, plan());
        assertEquals("7 8 9", read("gid_map"));
    }

    @Test
    void processThatHasGone() throws IOException {
        Files.delete(proc.resolve("42/uid_map"));
        assertEquals("failed to open proc map (" + proc + "/42/uid_map) (2: No such file or directory)", refusal());
    }

    @Test
    void groupsThatCannotBeOpened() throws IOException {
        Files.delete(proc.resolve("42/setgroups"));
        Files.createDirectory(proc.resolve("42/setgroups"));
        IsolationException failure = assertThrows(IsolationException.class,
            () -> new MapWriter(proc.toString(), true).write(42, plan()));
        assertEquals(List.of(
            new Notice(Severity.ALERT, "open(" + proc + "/42/setgroups): (21: Is a directory)"),
            new Notice(Severity.ALERT, "failed to write /proc/42/setgroups")), failure.notices());
    }

    @Test
    void kernelRefusesLinesThatOverlap() {
        Privileges.assumeRoot();
        List<IdMap> overlap = List.of(new IdMap(0, 100, 2), new IdMap(1, 200, 1));
        LaunchPlan[] plan = new LaunchPlan[1];
        StringBuilder text = new StringBuilder();
        try (Launch launch = Launch.shell("true").handshake()) {
            launch.plan().namespaces(Set.of(Namespace.CREDENTIAL)).maps(overlap, GIDS);
            plan[0] = launch.plan().build();
            launch.run(pid -> {
                try {
                    new MapWriter(true).write(pid, plan[0]);
                } catch (IsolationException refused) {
                    text.append(refused.getMessage().replace("/" + pid + "/", "/PID/"));
                    throw refused;
                }
            });
        }
        assertEquals("failed to write /proc/PID/uid_map: Check kernel maximum allowed lines (22: Invalid argument)",
            text.toString());
    }
}

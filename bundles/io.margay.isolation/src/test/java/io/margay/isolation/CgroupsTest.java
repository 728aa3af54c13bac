// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.margay.posix.PosixException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Groups on directories that look like the kernel's, and on the real hierarchy where there is one. */
class CgroupsTest {

    @TempDir
    Path directory;

    /** A hierarchy at {@code tree}, the process 42 and main in the given groups. */
    private Cgroups fake(String top, String group) throws IOException {
        Path proc = Files.createDirectories(directory.resolve("proc"));
        Path tree = Files.createDirectories(directory.resolve("tree x"));
        Files.createDirectories(proc.resolve("self"));
        Files.createDirectories(proc.resolve("42"));
        Files.writeString(proc.resolve("self/mountinfo"), "22 27 0:21 / /proc rw - proc proc rw\n"
            + "41 31 0:38 " + top + " " + tree.toString().replace(" ", "\\040")
            + " rw,relatime shared:4 - cgroup2 c rw\n");
        for (String process : new String[] {"self", "42"}) {
            Files.writeString(proc.resolve(process).resolve("cgroup"), "1:cpu:/x\n0::" + group + "\n");
        }
        return new Cgroups(proc);
    }

    private Path tree(String path) {
        return directory.resolve("tree x").resolve(path);
    }

    /** The kernel makes this file; here the group must have it before. */
    private void procs(String group) throws IOException {
        Files.createDirectories(tree(group));
        Files.writeString(tree(group).resolve("cgroup.procs"), "");
    }

    @ParameterizedTest
    @CsvSource({"/, /, apps/blog, apps/blog", "/, /main, apps, main/apps", "/, /main, /apps, apps",
        "/docker/1, /docker/1/main, apps, main/apps", "/, /main, ///apps//x, apps/x"})
    void whereAPathLeads(String top, String group, String path, String expected) throws IOException {
        Cgroups cgroups = fake(top, group);
        procs(expected);
        Cgroups.Joined joined = cgroups.join(42, path);
        assertEquals(tree(expected), joined.directory());
        assertEquals("42\n", Files.readString(tree(expected).resolve("cgroup.procs")));
    }

    @Test
    void emptyGroupsAreRemovedButNotMains() throws IOException {
        Cgroups cgroups = fake("/", "/main");
        procs("main/a/b");
        Cgroups.Joined joined = cgroups.join(42, "a/b");
        Files.delete(tree("main/a/b/cgroup.procs"));
        joined.leave();
        assertFalse(Files.exists(tree("main/a")));
        assertTrue(Files.exists(tree("main")));
        joined.leave();
        assertTrue(Files.exists(tree("main")));
    }

    @Test
    void usedGroupsStay() throws IOException {
        Cgroups cgroups = fake("/", "/main");
        procs("a/b");
        procs("a/c");
        Cgroups.Joined joined = cgroups.join(42, "/a/b");
        Files.delete(tree("a/b/cgroup.procs"));
        joined.leave();
        assertFalse(Files.exists(tree("a/b")));
        assertTrue(Files.exists(tree("a/c")));
    }

    @Test
    void whatWasMadeForAProcessThatCannotJoinIsRemoved() throws IOException {
        Cgroups cgroups = fake("/", "/");
        IsolationException failure = assertThrows(IsolationException.class, () -> cgroups.join(42, "/new/group"));
        assertEquals("cgroup: failed to add process 42 to " + tree("new/group") + " (2: No such file or directory)",
            failure.getMessage());
        assertFalse(Files.exists(tree("new")));
    }

    @Test
    void processInNoGroup() throws IOException {
        Cgroups cgroups = fake("/", "/");
        Files.writeString(directory.resolve("proc/42/cgroup"), "1:cpu:/x\n");
        IsolationException failure = assertThrows(IsolationException.class, () -> cgroups.join(42, "a"));
        assertEquals("cgroup: failed to add process 42 to a (61: No data available)", failure.getMessage());
    }

    @Test
    void realGroup() throws IOException {
        Privileges.assumeRoot();
        Optional<Hierarchy> hierarchy = hierarchy();
        assumeTrue(hierarchy.isPresent(), "no cgroup2 hierarchy");
        String path = "/margay-test-" + ProcessHandle.current().pid() + "/inner";
        Path group = hierarchy.get().directory().resolve(path.substring(1));
        Cgroups.Joined[] joined = new Cgroups.Joined[1];
        try (Launch launch = Launch.shell("grep ^0: /proc/self/cgroup").handshake()) {
            launch.plan().cgroup(path).namespaces(Set.of(Namespace.CGROUP));
            Launch.Result result = launch.run(pid -> joined[0] = new Cgroups().join(pid, path));
            assertEquals("", result.fault());
            assertEquals("0::/\n", result.output(), "its group is the root of its namespace");
            assertTrue(Files.exists(group));
            joined[0].leave();
            assertFalse(Files.exists(group.getParent()));
        }
    }

    private static Optional<Hierarchy> hierarchy() {
        try {
            Hierarchy hierarchy = Hierarchy.read(Path.of("/proc"));
            return Files.isWritable(hierarchy.directory()) ? Optional.of(hierarchy) : Optional.empty();
        } catch (PosixException none) {
            return Optional.empty();
        }
    }
}

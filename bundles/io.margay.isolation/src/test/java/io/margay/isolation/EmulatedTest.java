// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The aarch64 runner and its table under qemu-user, which hands system calls to the kernel below: branches, results
 * that become arguments, failures, and the numbers and flags that differ. What the emulator lacks (openat2, clone of
 * a sibling) cannot be tested so; a missing openat2 exercises the walk without it.
 */
class EmulatedTest {

    private static final String EMULATOR = "/usr/bin/qemu-aarch64";

    @TempDir
    Path directory;

    @BeforeEach
    void emulator() {
        assumeTrue(Files.isExecutable(Path.of(EMULATOR)), "no qemu-aarch64");
        assumeTrue(Architecture.current() != Architecture.AARCH64, "no emulation needed");
        Privileges.assumeRoot();
    }

    private static Inner.Result run(LaunchPlan.Builder plan) {
        return Inner.emulated(plan.build(), Architecture.AARCH64, EMULATOR);
    }

    private static LaunchPlan.Builder shell(String script) {
        return LaunchPlan.builder("arm").program("/bin/sh", List.of("sh", "-c", script));
    }

    @Test
    void executes() throws IOException {
        Path file = directory.resolve("out");
        Files.createFile(file);
        Files.setAttribute(file, "unix:mode", 0666);
        directory.toFile().setExecutable(true, false);
        LaunchPlan.Builder plan = shell("pwd; umask; id -u; id -g; echo $A; ulimit -n; exit 5").umask(077)
            .directory("/usr").stdout(file.toString()).environment("A", "b")
            .limit(new Limit(Limit.Resource.NOFILE, 99, 99)).newPrivileges(false)
            .identity(new Identity("nobody", 65534, 65534, Optional.of(new int[] {65534})));
        Inner.Result result = run(plan);
        assertEquals("", result.fault());
        assertEquals(5, result.exit().code());
        assertEquals(List.of("/usr", "0077", "65534", "65534", "b", "99"), Files.readAllLines(file));
    }

    @Test
    void reportsAFailureWithItsStep() {
        Inner.Result result = run(shell("exit 5").directory("/nonexistent"));
        assertEquals("chdir(/nonexistent) failed (2: No such file or directory)", result.fault());
        assertEquals("working_directory", result.journey().fatal().orElseThrow().step().setting());
        assertEquals(1, result.exit().code());
    }

    @Test
    void outputThatCannotBeOpenedIsNoFailure() {
        Inner.Result result = run(shell("exit 5").stdout("/nonexistent/x").stderr("/nonexistent/y"));
        assertEquals(2, result.journey().faults().size());
        assertEquals(5, result.exit().code());
    }

    @Test
    void rootWithMounts() throws IOException {
        Path root = Files.createDirectory(directory.resolve("root"));
        for (String name : List.of("bin", "lib", "lib64")) {
            Files.createSymbolicLink(root.resolve(name), Path.of("usr", name));
        }
        String mounts = Files.readString(Path.of("/proc/self/mountinfo"));
        Mount memory = new Mount(Mount.Type.TMPFS, "tmpfs", "/a/b", Set.of(Mount.Flag.NOEXEC), "size=4k");
        LaunchPlan.Builder plan = shell("echo *; exec >/a/b/file; echo x; exit 6").root(root.toString())
            .namespaces(Set.of(Namespace.MOUNT)).mounts(List.of(memory, Mount.bind("/usr"))).stdout("/out");
        Inner.Result result = run(plan);
        assertEquals("", result.fault());
        assertEquals(6, result.exit().code());
        assertEquals("a bin lib lib64 out usr\n", Files.readString(root.resolve("out")));
        assertEquals(mounts, Files.readString(Path.of("/proc/self/mountinfo")));
    }
}

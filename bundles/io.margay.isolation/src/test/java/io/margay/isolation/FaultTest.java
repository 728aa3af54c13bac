// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each step that can fail, with its text in the log. */
class FaultTest {

    @BeforeEach
    void root() {
        Privileges.assumeRoot();
    }

    private static Arguments row(String setting, Severity severity, String text,
        Consumer<LaunchPlan.Builder> change) {
        return Arguments.of(setting, severity, text, change);
    }

    private static Identity identity(int uid, int gid, int... groups) {
        return new Identity("app", uid, gid, Optional.of(groups));
    }

    private static Consumer<LaunchPlan.Builder> inside(Identity identity) {
        return plan -> plan.namespaces(Set.of(Namespace.CREDENTIAL)).identity(identity)
            .maps(List.of(new IdMap(7, 0, 1)), List.of(new IdMap(7, 0, 1)));
    }

    static Stream<Arguments> faults() {
        return Stream.of(
            row("working_directory", Severity.WARN, "chdir(/nonexistent) failed (2: No such file or directory)",
                plan -> plan.directory("/nonexistent")),
            row("executable", Severity.ALERT, "execve(/nonexistent) failed (2: No such file or directory)",
                plan -> plan.program("/nonexistent", List.of("x"))),
            row("executable", Severity.ALERT, "execve(/etc/passwd) failed (13: Permission denied)",
                plan -> plan.program("/etc/passwd", List.of("x"))),
            row("rootfs", Severity.ALERT, "open rootfs(/nonexistent) (2: No such file or directory)",
                plan -> plan.root("/nonexistent")),
            row("rootfs", Severity.ALERT, "open rootfs(/etc/passwd) (20: Not a directory)",
                plan -> plan.root("/etc/passwd")),
            row("rootfs", Severity.ALERT, "error bind mounting rootfs (2: No such file or directory)",
                plan -> plan.root("/nonexistent").namespaces(Set.of(Namespace.MOUNT))),
            row("mount /cpuinfo/x", Severity.ALERT, "mkdir(/proc/cpuinfo) (20: Not a directory)",
                plan -> plan.root("/proc").mounts(
                    List.of(new Mount(Mount.Type.BIND, "/usr", "/cpuinfo/x", Set.of(), "")))),
            row("limits", Severity.ALERT, "setrlimit(RLIMIT_CPU, {2, 1}) failed (22: Invalid argument)",
                plan -> plan.limit(new Limit(Limit.Resource.CPU, 2, 1))),
            row("group", Severity.ERROR, "The gid 9 isn't valid in the application namespace.",
                inside(identity(7, 9, 9))),
            row("user", Severity.ERROR, "The user \"app\" (uid: 7) has supplementary group ids not valid in the"
                + " application namespace.", inside(identity(7, 7, 7, 8))),
            row("user", Severity.ERROR, "The uid 9 (user \"app\") isn't valid in the application namespace.",
                inside(identity(9, 7, 7))),
            row("seccomp", Severity.ALERT, "seccomp() failed (22: Invalid argument)",
                plan -> plan.newPrivileges(false).seccomp(new byte[8])));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void text(String setting, Severity severity, String text, Consumer<LaunchPlan.Builder> change) {
        try (Launch launch = Launch.shell("echo started").handshake()) {
            change.accept(launch.plan());
            LaunchPlan plan = launch.plan().build();
            Launch.Result result = launch.run(pid -> new MapWriter(true).write(pid, plan));
            Fault fault = result.journey().fatal().orElseThrow();
            assertEquals(text, fault.text());
            assertEquals(setting, fault.step().setting());
            assertEquals(severity, fault.severity());
            assertEquals("", result.output());
            assertEquals(1, result.exit().code());
            String line = "failed   step " + fault.step().index() + ", " + setting + ": " + text;
            assertTrue(result.journey().text().contains(line + "\n"), () -> result.journey().text());
        }
    }

    @Test
    void unshareWithoutTheRight() {
        LaunchPlan plan = LaunchPlan.builder("\"blog\" prototype").program("/bin/true", List.of("true"))
            .namespaces(Set.of(Namespace.NETWORK)).build();
        assertEquals("unshare() failed for \"blog\" prototype (1: Operation not permitted)",
            Inner.asNobody(plan).fault());
    }

    @Test
    void idsAndRootWithoutTheRight() {
        LaunchPlan.Builder group = LaunchPlan.builder("x").program("/bin/true", List.of("true"))
            .identity(identity(1, 2));
        assertEquals("setgid(2) failed (1: Operation not permitted)",
            Inner.asNobody(group.build()).fault());
        LaunchPlan.Builder groups = LaunchPlan.builder("x").program("/bin/true", List.of("true"))
            .identity(identity(65534, 65534, 1, 2));
        assertEquals("setgroups(2) failed (1: Operation not permitted)",
            Inner.asNobody(groups.build()).fault());
        LaunchPlan.Builder user = LaunchPlan.builder("x").program("/bin/true", List.of("true"))
            .identity(new Identity("x", 1, 65534, Optional.empty()));
        assertEquals("setuid(1) failed (1: Operation not permitted)",
            Inner.asNobody(user.build()).fault());
        LaunchPlan.Builder root = LaunchPlan.builder("x").program("/bin/true", List.of("true")).root("/usr");
        assertEquals("chroot(/usr) (1: Operation not permitted)",
            Inner.asNobody(root.build()).fault());
    }

    @Test
    void mainRefuses() {
        try (Launch launch = Launch.shell("echo started").handshake()) {
            Launch.Result result = launch.run(pid -> {
                throw new IsolationException(Severity.ALERT, "no");
            });
            assertEquals("\"test\" prototype failed to start", result.fault());
            assertEquals("handshake", result.journey().fatal().orElseThrow().step().setting());
            assertEquals(1, result.exit().code());
        }
    }

    @Test
    void mainQuitsDuringTheHandshake() {
        try (Launch launch = Launch.shell("echo started").handshake()) {
            launch.begin(pid -> launch.send(22));
            Launch.Result result = launch.finish();
            assertEquals("", result.output());
            assertEquals(List.of(), result.journey().faults());
            assertEquals(0, result.exit().code());
        }
    }

    @Test
    void mainDiesDuringTheHandshake() {
        try (Launch launch = Launch.shell("echo started").handshake()) {
            launch.begin(pid -> launch.hangUp());
            Launch.Result result = launch.finish();
            assertEquals("\"test\" prototype failed to start", result.fault());
            assertEquals("", result.output());
        }
    }

    @Test
    void otherMessagesAreSkippedDuringTheHandshake() {
        try (Launch launch = Launch.shell("echo started").handshake()) {
            Launch.Result result = launch.run(pid -> {
                launch.send(13);
                launch.send(255);
            });
            assertEquals("started\n", result.output());
        }
    }
}

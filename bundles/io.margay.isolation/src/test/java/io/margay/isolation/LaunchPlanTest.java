// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Fd;
import io.margay.posix.Files;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Plans that contradict themselves are refused when they are made. */
class LaunchPlanTest {

    private static LaunchPlan.Builder plan() {
        return LaunchPlan.builder("x").program("/bin/x", List.of("x"));
    }

    private static Arguments row(String text, Consumer<LaunchPlan.Builder> change) {
        return Arguments.of(text, change);
    }

    static Stream<Arguments> contradictions() {
        Mount outside = new Mount(Mount.Type.TMPFS, "tmpfs", "/a/../../b", Set.of(), "");
        return Stream.of(
            row("no argument vector", plan -> plan.program("/bin/x", List.of())),
            row("a holder has no program, all others have one", plan -> plan.program("", List.of("x"))),
            row("executable with a null character", plan -> plan.program("/bin\0x", List.of("x"))),
            row("argument with a null character", plan -> plan.program("/bin/x", List.of("\0"))),
            row("environment with a null character", plan -> plan.environment("A", "\0")),
            row("environment name \"\"", plan -> plan.environment("", "a")),
            row("environment name \"A=\"", plan -> plan.environment("A=", "a")),
            row("root /", plan -> plan.root("/")),
            row("root a", plan -> plan.root("a")),
            row("mounts without a root", plan -> plan.mounts(List.of(Mount.bind("/usr")))),
            row("mount target /a/../../b", plan -> plan.root("/r").mounts(List.of(outside))),
            row("mount source usr", plan -> plan.root("/r").mounts(
                List.of(new Mount(Mount.Type.BIND, "usr", "/usr", Set.of(), "")))),
            row("directory with a null character", plan -> plan.directory("\0")),
            row("stdout with a null character", plan -> plan.stdout("\0")),
            row("seccomp filter of 7", plan -> plan.newPrivileges(false).seccomp(new byte[7])),
            row("a seccomp filter of an unprivileged process needs no_new_privs", plan -> plan.seccomp(new byte[8])),
            row("the ports of the handshake are no descriptors of the process",
                plan -> plan.handshake(new Handshake(3, 4, new byte[16]))),
            row("a process enters namespaces or makes them",
                plan -> plan.enter(Map.of()).namespaces(Set.of(Namespace.MOUNT))));
    }

    @ParameterizedTest
    @MethodSource("contradictions")
    void refused(String text, Consumer<LaunchPlan.Builder> change) {
        LaunchPlan.Builder plan = plan();
        change.accept(plan);
        assertEquals(text, assertThrows(IllegalArgumentException.class, plan::build).getMessage());
    }

    @Test
    void descriptorsHaveSmallNumbers() {
        try (Fd file = Files.open("/dev/null", 0, 0)) {
            for (int number : new int[] {-1, 256}) {
                LaunchPlan.Builder plan = plan().descriptor(number, file);
                assertThrows(IllegalArgumentException.class, plan::build);
            }
        }
    }

    @Test
    void messagesOfTheHandshakeAreHeaders() {
        assertThrows(IllegalArgumentException.class, () -> new Handshake(3, 4, new byte[15]));
        assertThrows(IllegalArgumentException.class, () -> new Handshake(3, 4, new byte[16], new byte[1]));
    }

    @Test
    void aPidNamespaceNeedsAnotherProcess() {
        assertTrue(plan().namespaces(Set.of(Namespace.PID)).build().clones());
        assertFalse(plan().namespaces(Set.of(Namespace.MOUNT)).build().clones());
    }
}

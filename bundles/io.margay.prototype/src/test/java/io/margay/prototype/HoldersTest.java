// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Launch;
import io.margay.port.StartProcess;
import io.margay.posix.Credentials;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.process.ProcessEntry;
import io.margay.process.Quitter;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers of languages that do not fork share what a holder keeps. */
@Timeout(60)
class HoldersTest {

    private static final String ALL = "\"credential\":true,\"pid\":true,\"network\":true,\"mount\":true,"
        + "\"uname\":true,\"cgroup\":true";
    private static final List<String> KINDS = List.of("user", "pid", "net", "mnt", "uts", "cgroup");

    /** A language that wants a holder; what it runs waits for its end. */
    private record Sleeper(String program) implements HttpLanguage {

        @Override
        public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
            launch.without(name -> true).prototype(Launch.Prototype.HOLDER).readiness(Launch.Readiness.EXEC)
                .argv(program, "1000");
        }
    }

    @BeforeEach
    void root() {
        assumeTrue(Credentials.effectiveUid() == 0, "needs root");
    }

    private static String namespaces(String members) {
        return "{\"type\":\"test\",\"isolation\":{\"namespaces\":{" + members + "}}}";
    }

    private static ProcessEntry start(Stage stage, int stream, int generation, String conf) {
        stage.start(stream, new StartProcess("blog", 0, generation, List.of(), conf.getBytes(StandardCharsets.UTF_8))
            .encode(), 0);
        assertEquals("NEW_PORT 0 type 5 fds 0", stage.routerHears("announcement"));
        assertEquals("RPC_READY " + stream + " 4 bytes", stage.routerHears("its answer"));
        return stage.workers().getLast();
    }

    private static String namespace(ProcessEntry process, String kind) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/ns/" + kind)).toString();
    }

    /** Its pid in the innermost namespace. */
    private static String inside(ProcessEntry process) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
            .filter(line -> line.startsWith("NSpid:")).findFirst().orElseThrow().replaceFirst(".*\t", "");
    }

    private static void kill(Stage stage, ProcessEntry process, int signal) {
        stage.call(() -> {
            Processes.kill(process.pid(), signal);
            return 0;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {ALL, "\"pid\":true", "\"network\":true", "\"cgroup\":true,\"mount\":true"})
    void workersOfAGenerationShareNamespaces(String members) throws IOException {
        try (Stage stage = new Stage(new Sleeper("/bin/sleep"))) {
            int before = Processes.openDescriptors().length;
            ProcessEntry first = start(stage, 5, 1, namespaces(members));
            ProcessEntry holder = stage.prototype().orElseThrow();
            ProcessEntry second = start(stage, 6, 1, namespaces(members));
            assertEquals(List.of(holder), stage.call(() -> stage.table.all("prototype")));
            assertEquals(stage.main, second.parent().orElseThrow());
            for (String kind : KINDS) {
                assertEquals(namespace(holder, kind), namespace(first, kind), kind);
                assertEquals(namespace(holder, kind), namespace(second, kind), kind);
            }
            if (members.contains("pid")) {
                assertEquals("1 2 3", inside(holder) + " " + inside(first) + " " + inside(second));
            }
            kill(stage, first, Signals.SIGKILL);
            assertEquals("REMOVE_PID 0 ", stage.routerHears("the end of one"));
            assertEquals(List.of(second), stage.workers(), "the other one stays");
            ProcessEntry other = start(stage, 7, 2, namespaces(members));
            assertNotEquals(namespace(second, "net") + namespace(second, "pid") + namespace(second, "mnt"),
                namespace(other, "net") + namespace(other, "pid") + namespace(other, "mnt"), "another generation");
            kill(stage, other, Signals.SIGKILL);
            assertEquals("REMOVE_PID 0 ", stage.routerHears("its end"));
            stage.endGeneration(2);
            assertEquals("REMOVE_PID 0 ", stage.routerHears("the end of its holder"));
            stage.endGeneration(1);
            kill(stage, second, Signals.SIGTERM);
            stage.routerHears("the last worker");
            assertEquals("REMOVE_PID 0 ", stage.routerHears("the holder leaves after it"));
            stage.await("nothing is left", () -> stage.prototype().isEmpty()
                && Processes.openDescriptors().length <= before);
            assertTrue(stage.lines.all.contains("notice process " + holder.pid() + " exited with code 0"),
                stage.lines.all.toString());
        }
    }

    /** With a pid namespace the kernel ends them, without one main does. */
    @ParameterizedTest
    @ValueSource(strings = {"\"pid\":true", "\"network\":true"})
    void aHolderThatIsKilledTakesItsWorkersAndAnotherComes(String members) throws IOException {
        try (Stage stage = new Stage(new Sleeper("/bin/sleep"))) {
            ProcessEntry first = start(stage, 5, 1, namespaces(members));
            start(stage, 6, 1, namespaces(members));
            ProcessEntry holder = stage.prototype().orElseThrow();
            String before = namespace(first, "pid") + namespace(first, "net");
            // The kernel gives the number of one that is open to no other.
            try (FileInputStream pid = new FileInputStream("/proc/" + first.pid() + "/ns/pid");
                 FileInputStream net = new FileInputStream("/proc/" + first.pid() + "/ns/net")) {
                kill(stage, holder, Signals.SIGKILL);
                for (int i = 0; i < 3; i++) {
                    assertEquals("REMOVE_PID 0 ", stage.routerHears("two workers and the holder"));
                }
                assertEquals(List.of(), stage.workers());
                ProcessEntry next = start(stage, 7, 1, namespaces(members));
                assertNotEquals(holder, stage.prototype().orElseThrow());
                assertNotEquals(before, namespace(next, "pid") + namespace(next, "net"));
                assertTrue(pid.getFD().valid() && net.getFD().valid());
            }
        }
    }

    @Test
    void whoIsToldToLeaveLeavesAfterItsWorkers() {
        try (Stage stage = new Stage(new Sleeper("/bin/sleep"))) {
            ProcessEntry worker = start(stage, 5, 1, namespaces(ALL));
            ProcessEntry holder = stage.prototype().orElseThrow();
            stage.call(() -> {
                new Quitter(stage.self, stage.table).quitAll(false);
                return 0;
            });
            stage.routerHears("QUIT");
            stage.routerHears("the end of the worker");
            stage.routerHears("the end of the holder");
            List<String> lines = stage.lines.all;
            assertTrue(lines.contains("notice process " + worker.pid() + " exited on signal 15"), lines.toString());
            assertEquals("notice process " + holder.pid() + " exited with code 0", lines.getLast());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '^', value = {
        // Nothing to share: no holder.
        "/bin/sleep!{\"type\":\"test\"}!1!0!",
        "/bin/sleep!{\"type\":\"test\",\"isolation\":{\"new_privs\":false}}!1!0!",
        // Of no generation: namespaces of its own.
        "/bin/sleep!{\"type\":\"test\",\"isolation\":{\"namespaces\":{\"pid\":true}}}!0!0!",
        // The holder fails for the worker, and says at which step.
        "/bin/sleep!{\"type\":\"test\",\"working_directory\":\"/none\",\"isolation\":{\"namespaces\":"
            + "{\"pid\":true}}}!1!0!chdir(/none) failed (2: No such file or directory)",
        "/bin/sleep!{\"type\":\"test\",\"isolation\":{\"namespaces\":{\"mount\":true},\"rootfs\":\"/none\"}}!1!0!"
            + "error bind mounting rootfs (2: No such file or directory)",
        // The worker fails in a holder that serves others.
        "/none!{\"type\":\"test\",\"isolation\":{\"namespaces\":{\"pid\":true}}}!1!1!"
            + "execve(/none) failed (2: No such file or directory)"})
    void whoGetsAHolder(String program, String conf, int generation, int holders, String failure) {
        try (Stage stage = new Stage(new Sleeper(program))) {
            if (failure == null) {
                start(stage, 5, generation, conf);
            } else {
                stage.start(5, new StartProcess("blog", 0, generation, List.of(), conf.getBytes(StandardCharsets.UTF_8))
                    .encode(), 0);
                assertEquals("RPC_ERROR 5 " + failure, stage.routerHears("refusal"));
                stage.await("what failed is gone", () -> stage.workers().isEmpty()
                    && stage.call(() -> stage.table.all("prototype")).size() == holders);
                assertTrue(stage.lines.all.stream().anyMatch(line -> line.contains(" ended at step ")),
                    stage.lines.all.toString());
            }
            assertEquals(holders, stage.call(() -> stage.table.all("prototype")).size());
        }
    }

    @Test
    void startsWaitForTheHolderTogether() {
        try (Stage stage = new Stage(new Sleeper("/bin/sleep"))) {
            byte[] order = new StartProcess("blog", 0, 1, List.of(), namespaces(ALL).getBytes(StandardCharsets.UTF_8))
                .encode();
            for (int stream = 5; stream < 9; stream++) {
                stage.start(stream, order, 0);
            }
            for (int i = 0; i < 8; i++) {
                stage.routerHears("announcements and answers");
            }
            assertEquals(4, stage.workers().size());
            assertEquals(1, stage.call(() -> stage.table.all("prototype")).size());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void nothingIsLeftForARouterThatHasGone(int generation) {
        try (Stage stage = new Stage(new Sleeper("/bin/sleep"))) {
            int before = Processes.openDescriptors().length;
            stage.startForNobody(5, new StartProcess("blog", 0, generation, List.of(),
                namespaces(ALL).getBytes(StandardCharsets.UTF_8)).encode());
            stage.await("it has come and gone", () -> stage.lines.all.stream().filter(line ->
                line.endsWith(" exited with code 0")).count() == 2 && stage.call(stage.table::size) == 1);
            stage.await("no descriptor is left", () -> Processes.openDescriptors().length < before);
        }
    }
}

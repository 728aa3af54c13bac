// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Launch;
import io.margay.port.StartProcess;
import io.margay.posix.Credentials;
import io.margay.posix.Fd;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.posix.Sockets;
import io.margay.process.ProcessEntry;
import io.margay.process.Quitter;
import io.margay.process.Reaper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workers that main starts itself: programs that know nothing of the server. */
@Timeout(60)
class WorkersTest {

    private static final String TYPE = "{\"type\":\"test\"}";
    private static final String WAITS = """
        import os, signal, sys
        seen = [os.environ["FDS"], os.read(5, 9), sorted(int(name) for name in os.listdir("/proc/self/fd"))]
        # The list of the directory needs a descriptor itself.
        if seen != ["{listen=3, extra=4, preload=5}", b"text", [0, 1, 2, 3, 4, 5, 6]]:
            sys.exit(repr(seen))
        signal.signal(signal.SIGTERM, lambda *ignored: sys.exit(7))
        signal.pause()
        """;

    /** A language without a prototype, whose listening socket is to be descriptor 3. */
    private record Foreign(String script, Launch.Readiness readiness, Launch.Prototype prototype)
        implements HttpLanguage {

        @Override
        public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
            launch.without(name -> true).prototype(prototype).readiness(readiness).place("listen", 3)
                .announce("FDS", facts -> facts.descriptors().toString()).configured(app)
                .resource("preload", "text".getBytes(StandardCharsets.UTF_8));
            if (script.startsWith("/")) {
                launch.argv(script);
            } else {
                launch.argv("/usr/bin/python3", "-c", script);
            }
        }
    }

    private static Foreign foreign(String script) {
        return new Foreign(script, Launch.Readiness.EXEC, Launch.Prototype.NONE);
    }

    private static byte[] request(String conf, String... names) {
        return new StartProcess("blog", 0, List.of(names), conf.getBytes(StandardCharsets.UTF_8)).encode();
    }

    private static boolean handlesTerm(int pid) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("SigCgt:"))
                .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                .anyMatch(caught -> (caught >> Signals.SIGTERM - 1 & 1) == 1);
        } catch (IOException e) {
            return false;
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '^', value = {
        "{\"type\":\"test\"}",
        "{\"type\":\"test\",\"isolation\":{\"namespaces\":{\"pid\":true}}}",
        "{\"type\":\"test\",\"isolation\":{\"namespaces\":{\"credential\":true}}}"})
    void aWorkerHasTheNamedDescriptorsAndNoOthers(String conf) {
        assumeTrue(!conf.contains("namespaces") || Credentials.effectiveUid() == 0, "needs root");
        try (Stage stage = new Stage(foreign(WAITS))) {
            int before = Processes.openDescriptors().length;
            stage.start(5, request(conf, "listen", "extra"), 2);
            assertEquals("NEW_PORT 0 type 5 fds 0", stage.routerHears("announcement"));
            assertEquals("RPC_READY 5 4 bytes", stage.routerHears("its answer"));
            ProcessEntry entry = stage.worker().orElseThrow();
            assertEquals("\"blog\" application " + entry.pid() + " READY", entry.toString());
            assertTrue(stage.lines.all.contains("info \"blog\" application started"), stage.lines.all.toString());
            assertEquals(stage.main, entry.parent().orElseThrow());
            stage.await("its way to main ends", () -> stage.call(stage.uplinks::size) == 0);
            stage.await("it handles SIGTERM", () -> handlesTerm(entry.pid()));
            stage.call(() -> {
                new Quitter(stage.self, stage.table).quit(entry, false);
                return 0;
            });
            assertEquals("REMOVE_PID 0 ", stage.routerHears("its end"));
            assertEquals("notice process " + entry.pid() + " exited with code 7", stage.lines.all.getLast());
            stage.await("nothing is left", () -> Processes.openDescriptors().length <= before);
            assertTrue(stage.routerHearsNothing());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '^', value = {
        "/nonexistent!{\"type\":\"test\"}!(2: No such file or directory)",
        "/etc/passwd!{\"type\":\"test\"}!(13: Permission denied)",
        "/bin/true!{\"type\":\"test\",\"user\":\"noone\"}!getpwnam(\"noone\") failed, user not found"})
    void aProgramThatCannotBeExecutedIsAFailedStart(String program, String conf, String reason) {
        try (Stage stage = new Stage(foreign(program))) {
            int before = Processes.openDescriptors().length;
            stage.start(9, request(conf, "listen"), 1);
            String answer = stage.routerHears("refusal");
            assertTrue(answer.startsWith("RPC_ERROR 9 ") && answer.contains(reason), answer + stage.lines.all);
            stage.await("nothing is left", () -> stage.worker().isEmpty() && stage.call(stage.uplinks::size) == 0);
            stage.await("no descriptor is left", () -> Processes.openDescriptors().length <= before);
        }
    }

    @Test
    void aWorkerThatEndsAtOnceWasReadyAndIsGoneThen() {
        try (Stage stage = new Stage(foreign("exit(3)"))) {
            stage.start(9, request(TYPE), 0);
            assertEquals("NEW_PORT 0 type 5 fds 0", stage.routerHears("announcement"));
            assertEquals("RPC_READY 9 4 bytes", stage.routerHears("its answer"));
            assertEquals("REMOVE_PID 0 ", stage.routerHears("its end"));
            assertTrue(stage.lines.all.getLast().endsWith(" exited with code 3"), stage.lines.all.toString());
            stage.await("it is forgotten", () -> stage.worker().isEmpty());
            assertTrue(stage.routerHearsNothing());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        // A program puts itself into the background, into a session of its own.
        "pass | os._exit(0) | false | true",
        // A script dies, or does not trap the signal, and what it had started does not notice.
        "pass | os.kill(os.getpid(), 9) | false | true",
        "pass | signal.pause() | true | true",
        // Who leaves as it is told to may leave something behind that goes on.
        "pass | signal.signal(15, lambda *no: os._exit(7)); told(); signal.pause() | true | false",
        // What has no socket of the worker is a matter of the application.
        "os.close(3) | os._exit(0) | false | false"})
    void whatHasItsSocketsEndsWithIt(String child, String parent, boolean told, boolean ends, @TempDir Path directory)
            throws IOException {
        Path file = directory.resolve("pid");
        String script = """
            import os, signal, time
            def told():
                open('FILE.handled', 'w').close()
            if os.fork() == 0:
                os.setsid()
                CHILD
                open('FILE.new', 'w').write(str(os.getpid()))
                os.rename('FILE.new', 'FILE')
                while True:
                    signal.pause()
            while not os.path.exists('FILE'):
                time.sleep(0.01)
            PARENT
            """.replace("FILE", file.toString()).replace("CHILD", child).replace("PARENT", parent);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        Fd[] pair = Sockets.seqpacketPair();
        pair[1].close();
        try (Stage stage = new Stage(foreign(script))) {
            stage.start(9, request(TYPE, "listen"), new int[] {pair[0].release()});
            stage.await("it has forked", () -> Files.exists(file)
                && (!parent.contains("told") || Files.exists(directory.resolve("pid.handled"))));
            int pid = Integer.parseInt(Files.readString(file));
            try {
                if (told) {
                    ProcessEntry worker = stage.worker().orElseThrow();
                    stage.call(() -> {
                        worker.leaves();
                        Processes.kill(worker.pid(), Signals.SIGTERM);
                        return 0;
                    });
                }
                stage.await("it is forgotten", () -> stage.worker().isEmpty());
                Path program = Path.of("/proc/" + pid + "/exe");
                stage.await("what it has left is gone", () -> !ends || !Files.exists(program));
                assertEquals(ends, !Files.exists(program), stage.lines.all.toString());
                assertEquals(ends && !told, stage.lines.all.stream().anyMatch(line ->
                    line.contains("has ended and left its sockets to [" + pid + "]")), stage.lines.all.toString());
            } finally {
                Reaper.Calls.kill(pid);
            }
        }
    }

    @Test
    void aNameThatALanguageUsesItselfCannotComeFromTheRouter() {
        for (String name : List.of("main", "read", "preload")) {
            try (Stage stage = new Stage(foreign("exit(3)"))) {
                stage.start(9, request(TYPE, name), 1);
                assertEquals("RPC_ERROR 9 two descriptors have the name \"" + name + "\"",
                    stage.routerHears("refusal"));
            }
        }
    }

    @Test
    void asManyDescriptorsAsThereMayBe() {
        String[] names = IntStream.range(0, StartProcess.MAX_DESCRIPTORS).mapToObj(i -> "d" + i)
            .toArray(String[]::new);
        try (Stage stage = new Stage(foreign("import os\nexit(5 if len(os.listdir('/proc/self/fd')) == 21 else 1)"))) {
            stage.start(9, request(TYPE, names), names.length);
            stage.routerHears("announcement");
            assertEquals("RPC_READY 9 4 bytes", stage.routerHears("its answer"));
            stage.routerHears("its end");
            assertTrue(stage.lines.all.getLast().endsWith(" exited with code 5"), stage.lines.all.toString());
        }
    }

    @ParameterizedTest
    @CsvSource({"MESSAGE,NONE", "EXEC,FORKS", "MESSAGE,HOLDER"})
    void whatMainCannotStartIsRefused(Launch.Readiness readiness, Launch.Prototype prototype) {
        try (Stage stage = new Stage(new Foreign("exit(3)", readiness, prototype))) {
            stage.start(9, request(TYPE), 0);
            assertEquals("RPC_ERROR 9 the language \"test\" asks for a prototype of kind " + prototype
                + " that is ready by " + readiness + ", which main cannot start", stage.routerHears("refusal"));
        }
    }
}

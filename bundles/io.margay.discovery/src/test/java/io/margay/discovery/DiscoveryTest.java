// SPDX-License-Identifier: Apache-2.0
package io.margay.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.engine.FdHandler;
import io.margay.engine.Timer;
import io.margay.engine.Watch;
import io.margay.isolation.Identity;
import io.margay.isolation.Runner;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import io.margay.lang.RequestEncoder;
import io.margay.posix.Credentials;
import io.margay.posix.Processes;
import io.margay.process.Announcer;
import io.margay.process.ProcessTable;
import io.margay.process.Quitter;
import io.margay.process.Reaper;
import io.margay.testing.Kinds;
import io.margay.testing.Lines;
import io.netty.channel.IoEventLoop;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shell scripts as probes. */
@Timeout(60)
class DiscoveryTest {

    private static final long SECONDS = 20;
    private static final int REAP_MILLIS = 10;
    /** The bound of a probe's time, for the loop of this test. */
    private static final long SHORT_MILLIS = 300;
    private static final String GOOD = "echo '{\"version\":\"1.2\",\"file\":\"/opt/x\",\"mounts\":[]}'";

    private final Lines lines = new Lines();
    private final EventLoops loops = EventLoops.create("test", 1, failure -> lines.alert("loop " + failure));
    private final HastyLoop loop = new HastyLoop(loops.loop(0));
    private final ProcessTable table = new ProcessTable(Kinds.stock(), "main", lines);
    private final Reaper reaper = new Reaper(loop, Processes.pid(), table,
        new Announcer(Processes.pid(), table, lines), new Quitter(Processes.pid(), table), Reaper.Calls.kernel(loop),
        lines);

    @BeforeEach
    void reap() {
        loop.execute(this::tick);
    }

    private void tick() {
        reaper.reap();
        loops.loop(0).schedule(REAP_MILLIS, this::tick);
    }

    @AfterEach
    void close() {
        loops.close();
    }

    private List<InstalledModule> probe(Optional<Identity> identity, List<Probe> probes) {
        Discovery discovery = new Discovery(loop, new Runner(Path.of(System.getProperty("java.io.tmpdir"))), reaper,
            identity, lines);
        CompletableFuture<List<InstalledModule>> result = new CompletableFuture<>();
        loop.execute(() -> discovery.probe(new TestLanguage(probes)).whenComplete((found, failure) -> {
            assertTrue(loop.inLoop());
            result.complete(found);
        }));
        return result.orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    private static Probe shell(String script) {
        return new Probe("test", List.of("/bin/sh", "-c", script));
    }

    private List<InstalledModule> probe(String script) {
        return probe(Optional.empty(), List.of(shell(script)));
    }

    @Test
    void goodProbesAreFoundInOrder() {
        assertEquals(List.of(new InstalledModule("test", "2.0", "/bin/sh", List.of()),
            new InstalledModule("test", "1.2", "/opt/x", List.of())),
            probe(Optional.empty(), List.of(shell("echo '{\"version\":\"2.0\"}'"), shell(GOOD))));
        assertTrue(lines.all.stream().allMatch(line -> line.endsWith("exited with code 0")), lines.all.toString());
    }

    @Test
    void noProbesNoModules() {
        assertEquals(List.of(), probe(Optional.empty(), List.of()));
        assertEquals(List.of(), lines.all);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '^', value = {
        "exit code!; exit 3!exited with code 3", "signal!; kill -9 $$!exited on signal 9",
        "garbage after it!; echo garbage!exited with code 0",
        // The rest waits in the socket when the probe has ended already.
        "too much output!; head -c 300000 /dev/zero | tr '\\0' ' '!exited",
        "endless output!; yes!exited on signal 9", "no end!; exec sleep 1000!exited on signal 9",
        "no end of output!; exec 1>&-; exec sleep 1000!exited on signal 9"})
    void badProbesAreLeftOut(String name, String tail, String end) {
        List<InstalledModule> found = probe(Optional.empty(), List.of(shell(GOOD + tail), shell(GOOD)));
        assertEquals(1, found.size(), name);
        assertTrue(lines.all.contains("alert probe of test by \"/bin/sh\" gave no answer"), lines.all.toString());
        await(end);
    }

    /** A killed probe is waited for a little later. */
    private void await(String end) {
        CompletableFuture<Boolean> seen = new CompletableFuture<>();
        loop.execute(() -> look(end, seen));
        assertTrue(seen.orTimeout(SECONDS, TimeUnit.SECONDS).join());
    }

    private void look(String end, CompletableFuture<Boolean> seen) {
        if (lines.all.stream().anyMatch(line -> line.contains(end))) {
            seen.complete(true);
        } else {
            loops.loop(0).schedule(REAP_MILLIS, () -> look(end, seen));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '^', value = {
        "nothing!true", "no object!echo '[]'", "no version!echo '{}'",
        "a relative mount!echo '{\"version\":\"1\",\"mounts\":[{\"src\":\"a\",\"dst\":\"/b\"}]}'"})
    void wrongAnswersAreLeftOut(String name, String script) {
        assertEquals(List.of(), probe(script), name);
        assertEquals("alert probe of test by \"/bin/sh\" gave no answer", lines.all.getLast());
    }

    @Test
    void aMissingProgramIsLeftOut() {
        assertEquals(List.of(), probe(Optional.empty(), List.of(new Probe("test", List.of("/nonexistent")))));
        assertEquals("alert probe of test by \"/nonexistent\" gave no answer", lines.all.getLast());
    }

    @Test
    void probesHaveNeitherPrivilegesNorTheServersEnvironment() {
        assumeTrue(Credentials.effectiveUid() == 0, "needs root");
        String script = """
            nnp=$(grep NoNewPrivs: /proc/self/status | tr -dc 01)
            fds=$(ls /proc/$$/fd | wc -l)
            echo "{\\"version\\":\\"$(id -u).$(id -g).$nnp.$fds.$LANG.$HOME\\"}"
            """;
        List<InstalledModule> found = probe(Optional.of(new Identity("nobody", 65_534, 65_533,
            Optional.of(new int[] {65_533}))), List.of(shell(script)));
        // 0, 1, 2 and the pipe of the command substitution.
        assertEquals(List.of("65534.65533.1.4.C.UTF-8."), found.stream().map(InstalledModule::version).toList());
    }

    @Test
    void nothingStaysOpen() {
        probe(GOOD);
        int before = Processes.openDescriptors().length;
        probe("exit 1");
        probe("exec sleep 1000");
        probe(GOOD);
        assertEquals(before, Processes.openDescriptors().length);
    }

    private record TestLanguage(List<Probe> probes) implements Language {

        @Override
        public String type() {
            return "test";
        }

        @Override
        public String wire() {
            return "port";
        }

        @Override
        public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
            throw new UnsupportedOperationException("only probed");
        }

        @Override
        public RequestEncoder encoder(AppSpec app) {
            throw new UnsupportedOperationException("only probed");
        }
    }

    /** A loop whose deadlines come early. */
    private record HastyLoop(EventLoop real) implements EventLoop {

        @Override
        public boolean inLoop() {
            return real.inLoop();
        }

        @Override
        public Timer schedule(long millis, Runnable task) {
            return real.schedule(Math.min(millis, SHORT_MILLIS), task);
        }

        @Override
        public Watch watch(int fd, FdHandler handler, boolean read, boolean write) {
            return real.watch(fd, handler, read, write);
        }

        @Override
        public IoEventLoop netty() {
            return real.netty();
        }

        @Override
        public void execute(Runnable command) {
            real.execute(command);
        }
    }
}

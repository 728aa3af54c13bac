// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.credential.Credential;
import io.margay.port.Dispatcher;
import io.margay.port.Ports;
import io.margay.port.ReceiveBuffer;
import io.margay.posix.Credentials;
import io.margay.posix.SpawnSpec;
import io.margay.process.ProcessContext;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessTable;
import io.margay.process.QuitSequence;
import io.margay.process.Quitter;
import io.margay.process.ServerOptions;
import io.margay.process.Uplinks;
import io.margay.store.ChangeNote;
import io.margay.store.Revisions;
import io.margay.store.StateDirectory;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What controller and router are started with; the launcher of the test starts nothing. */
@Timeout(60)
class CoreProcessesTest {

    private static final int CHILD = 1_000_000_100;

    @TempDir
    private Path directory;
    private final Stage stage = new Stage();
    private final List<SpawnSpec> launched = new ArrayList<>();
    private final List<String> seen = new ArrayList<>();
    private Optional<byte[]> policy = Optional.empty();
    private StateDirectory state;
    private ControlSocket control;
    private boolean broken;

    @BeforeEach
    void prepare() throws IOException {
        state = new StateDirectory(Files.createDirectory(directory.resolve("state")).toString(), "1.35.0",
            stage.lines::alert);
        state.prepare();
        ControlSocket.Names names = new ControlSocket.Names(name -> OptionalInt.empty(), name -> OptionalInt.empty());
        control = ControlSocket.create(new ControlSocket.Options("unix:" + directory.resolve("control"), 0600,
            Optional.empty(), Optional.empty()), names);
        Files.createDirectory(directory.resolve("run"));
    }

    @AfterEach
    void close() {
        stage.close();
        control.remove();
    }

    private ProcessContext context() {
        ServerOptions options = (ServerOptions) Proxy.newProxyInstance(ServerOptions.class.getClassLoader(),
            new Class<?>[] {ServerOptions.class}, (proxy, method, arguments) -> switch (method.getName()) {
                case "importDirectory" -> Optional.empty();
                case "temporaryDirectory" -> directory.toString();
                default -> throw new UnsupportedOperationException(method.getName());
            });
        return (ProcessContext) Proxy.newProxyInstance(ProcessContext.class.getClassLoader(),
            new Class<?>[] {ProcessContext.class}, (proxy, method, arguments) -> switch (method.getName()) {
                case "directory" -> directory.resolve("run/main");
                case "options" -> options;
                case "command" -> new ProcessContext.ChildCommand("/java", List.of("java",
                    arguments[0].toString(), arguments[1].toString()),
                    Map.of("LANG", "C"));
                case "forget" -> null;
                case "prestarted" -> Optional.empty();
                default -> throw new UnsupportedOperationException(method.getName());
            });
    }

    private CoreProcesses core(Optional<Credential> credential) {
        QuitSequence quit = new QuitSequence(stage.loops.loop(0), stage.self, stage.table,
            new Quitter(stage.self, stage.table), pid -> { }, QuitSequence.Deadlines.DEFAULT, code -> { }, stage.lines);
        Uplinks uplinks = new Uplinks(Ports.standalone(), stage.loops.loop(0), new ReceiveBuffer(),
            new Dispatcher(stage.table, stage.lines), stage.lines);
        return stage.call(() -> new CoreProcesses(new CoreProcesses.Parts(context(), Ports.standalone(), stage.table,
            stage.main, uplinks,
            credential, state, new Revisions(state.revisions(), Revisions.Limits.DEFAULT, stage.lines::alert),
            policy, control, "1.35.0", this::launchNothing, stage.loops.loop(0), stage.rpc, false,
            kind -> List.of(Path.of("/newer", kind + ".jar")), startLines(), stage.lines), quit));
    }

    private StartLines startLines() {
        StartLines lines = new StartLines(stage.lines);
        lines.discovered();
        return lines;
    }

    private int launchNothing(SpawnSpec spec) {
        if (broken) {
            throw new IllegalStateException("no processes left");
        }
        launched.add(spec);
        spec.fds().forEach((child, own) -> {
            try {
                seen.add(child + " " + Files.readSymbolicLink(Path.of("/proc/self/fd/" + own)));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        return CHILD + launched.size();
    }

    /** The start data with the numbers in front and without the kinds of processes. */
    private String init() {
        List<String> lines = launched.getLast().environment().stream()
            .filter(line -> line.startsWith("MARGAY_INIT=")).toList();
        assertEquals(1, lines.size());
        return lines.getFirst().substring("MARGAY_INIT=".length()).replace(directory.toString(), "D")
            .replaceAll("\"tmpdir\":\"[^\"]*\"", "T")
            .replaceAll("^(\\{\"role\":\"[a-z]+\")(.*),\"kinds\":\\[.*\\](,\"read\".*)\\}$", "$1$3$2}");
    }

    private long directories() throws IOException {
        try (Stream<Path> all = Files.list(directory.resolve("run"))) {
            return all.count();
        }
    }

    private void start(Runnable action) {
        stage.call(() -> {
            action.run();
            return 0;
        });
    }

    @Test
    void theControllerGetsSocketAndConfiguration() throws IOException {
        state.store(Stage.bytes("{\"a\":1}"));
        CoreProcesses core = core(Optional.empty());
        start(() -> core.startController(core.read()));
        assertEquals("{\"role\":\"controller\",\"read\":5,\"main\":6,\"live\":7,\"listen\":8,\"conf\":9,\"pid\":"
            + stage.self + ",\"dir\":\"D/run/controller-1\",\"version\":\"1.35.0\",\"confsize\":7}", init());
        assertTrue(seen.stream().anyMatch(line -> line.startsWith("9 /memfd:conf")), seen.toString());
        assertTrue(seen.stream().anyMatch(line -> line.startsWith("8 socket:")), seen.toString());
        assertEquals(List.of("info controller started"), stage.lines.all);
        ProcessEntry entry = stage.table.all("controller").getFirst();
        assertEquals(CHILD + 1, entry.pid());
        assertEquals("rwx------", PosixFilePermissions.toString(
            Files.getPosixFilePermissions(directory.resolve("run/controller-1"))));
        assertTrue(launched.getFirst().environment().contains("LANG=C"));
        start(core::storedWasRejected);
        assertTrue(stage.lines.all.getLast().startsWith("notice the previous configuration is kept in \""));
        int lines = stage.lines.all.size();
        start(core::storedWasRejected);
        assertEquals(lines, stage.lines.all.size(), "once is enough");
    }

    /** The next controller knows which of the revisions it starts with, and who may do what. */
    @Test
    void theControllerGetsRevisionAndPolicy() {
        state.store(Stage.bytes("{\"a\":1}"));
        new Revisions(state.revisions(), Revisions.Limits.DEFAULT, stage.lines::alert).add(
            new ChangeNote("PUT", "/config", ConfObject.EMPTY), Stage.bytes("{\"a\":1}"));
        policy = Optional.of(Stage.bytes("{}"));
        CoreProcesses core = core(Optional.empty());
        start(() -> core.startController(core.read()));
        assertTrue(init().contains("\"conf\":9,\"policy\":10,"), init());
        assertTrue(init().endsWith(",\"confsize\":7,\"policysize\":2,\"revision\":1}"), init());
        assertTrue(seen.stream().anyMatch(line -> line.startsWith("10 /memfd:policy")), seen.toString());
    }

    @Test
    void withoutAConfigurationThereIsNone() {
        CoreProcesses core = core(Optional.empty());
        start(() -> core.startController(core.read()));
        assertTrue(init().contains("\"listen\":8,\"pid\":") && init().endsWith("\"version\":\"1.35.0\"}"), init());
    }

    @Test
    void theControllerGetsWhatWasUploaded() {
        state.certificateFiles().store("a", Stage.bytes("pem"));
        state.scriptFiles().store("bc", Stage.bytes("js"));
        CoreProcesses core = core(Optional.empty());
        start(() -> core.startController(core.read()));
        assertTrue(init().contains("\"listen\":8,\"certs\":9,\"scripts\":10,")
            && init().endsWith("\"certssize\":12,\"scriptssize\":12}"), init());
        assertTrue(seen.stream().anyMatch(line -> line.startsWith("9 /memfd:certs")), seen.toString());
        assertTrue(seen.stream().anyMatch(line -> line.startsWith("10 /memfd:scripts")), seen.toString());
    }

    @Test
    void theRouterGetsItsIds() throws IOException {
        int uid = Credentials.effectiveUid();
        int gid = Credentials.effectiveGid();
        CoreProcesses core = core(Optional.of(new Credential("nobody", uid, gid, new int[] {gid, 7})));
        start(() -> core.startRouter(List.of()));
        start(() -> core.startRouter(List.of()));
        assertEquals("{\"role\":\"router\",\"read\":5,\"main\":6,\"live\":7,\"pid\":" + stage.self
            + ",\"dir\":\"D/run/router-2\",\"version\":\"1.35.0\",T,\"generation\":1,\"before\":[],"
            + "\"user\":\"nobody\",\"uid\":" + uid + ",\"gid\":" + gid + ",\"groups\":[" + gid + ",7]}", init());
        assertEquals(2, directories());
    }

    @Test
    void directoryAndRequestsGoWithTheProcess() throws Exception {
        CoreProcesses core = core(Optional.empty());
        start(() -> core.startRouter(List.of()));
        int pid = stage.table.all("router").getFirst().pid();
        stage.call(() -> stage.rpc.register(answer -> { }, failure ->
            stage.lines.alert(failure.kind().name()), 0, pid));
        Files.writeString(directory.resolve("run/router-1/file"), "left behind");
        Method end = ProcessEntry.class.getDeclaredMethod("cleanUp");
        end.setAccessible(true);
        stage.call(() -> end.invoke(stage.table.all("router").getFirst()));
        assertEquals("alert PEER_GONE", stage.lines.all.getLast());
        assertFalse(Files.exists(directory.resolve("run/router-1")));
    }

    @Test
    void aFailedStartLeavesNothing() throws IOException {
        ProcessTable table = stage.table;
        CoreProcesses core = core(Optional.empty());
        broken = true;
        Throwable thrown = assertThrows(RuntimeException.class, () ->
            start(() -> core.startRouter(List.of()))).getCause();
        assertEquals("no processes left", thrown.getMessage());
        assertEquals(0, directories());
        assertEquals(List.of(), table.all("router"));
    }
}

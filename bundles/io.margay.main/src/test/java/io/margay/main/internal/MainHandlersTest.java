// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.app.AppProcesses;
import io.margay.conf.ConfObject;
import io.margay.isolation.Account;
import io.margay.isolation.IsolationException;
import io.margay.isolation.Runner;
import io.margay.isolation.Server;
import io.margay.isolation.Severity;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.module.CoreParts;
import io.margay.module.ModuleFacts;
import io.margay.module.ModuleNews;
import io.margay.module.ModuleOrder;
import io.margay.module.ModulePolicy;
import io.margay.module.Modules;
import io.margay.port.ContentRequest;
import io.margay.port.Dispatcher;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Ports;
import io.margay.port.Quit;
import io.margay.port.ReceiveBuffer;
import io.margay.port.RemovePid;
import io.margay.port.SocketRequest;
import io.margay.port.StartProcess;
import io.margay.posix.Fd;
import io.margay.posix.Signals;
import io.margay.process.Uplinks;
import io.margay.prototype.Host;
import io.margay.prototype.Languages;
import io.margay.prototype.Prototypes;
import io.margay.store.ChangeNote;
import io.margay.store.Revisions;
import io.margay.store.StateDirectory;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** Who may ask main for what. */
@Timeout(60)
class MainHandlersTest {

    private static final int STREAM = 21;
    private static final byte[] NOTHING = {};

    @TempDir
    private Path directory;
    private final Stage stage = new Stage();
    private Dispatcher dispatcher;
    private StateDirectory state;
    private volatile boolean leaving;

    @BeforeEach
    void prepare() throws Exception {
        state = new StateDirectory(Files.createDirectory(directory.resolve("state")).toString(), "1.35.0",
            stage.lines::alert);
        state.prepare();
        dispatcher = new Dispatcher(stage.table, stage.lines);
        Runner runner = new Runner(Path.of("/tmp"));
        ConfStore store = new ConfStore(stage.loops.loop(0), state,
            new Revisions(state.revisions(), Revisions.Limits.DEFAULT, stage.lines::alert), stage.lines);
        Modules modules = modules();
        ListenSockets sockets = new ListenSockets(InheritedSockets.read(Map.of(), stage.self, stage.lines),
            stage.lines);
        stage.call(() -> new MainHandlers(new MainHandlers.Parts(stage.self, stage.table, stage.announcer,
            stage.reaper, stage.rpc, sockets, new AccessLogFiles(stage.loops.loop(0), stage.self, stage.table,
                stage.lines), store, new UploadHandlers(stage.self, stage.table, store, state),
            new Queries(stage.loops.loop(0), stage.self, store, new Names(), stage.lines),
            modules, new OrderHandler(stage.self, modules.admin()), MainHandlersTest::noShell,
            new Prototypes(Ports.standalone(), stage.loops.loop(0), stage.main, stage.table, stage.reaper,
                new Uplinks(Ports.standalone(), stage.loops.loop(0), new ReceiveBuffer(), dispatcher, stage.lines),
                runner, new None(),
                new Host(Server.current("nobody", "", false), MainHandlersTest::account, Map.of(), "1.35.0", 1000, 2),
                stage.lines, text -> { }), new RouterReplacement(new RouterReplacement.Parts(stage.loops.loop(0),
                    stage.self, stage.table, () -> leaving, stage.rpc, sockets.shared(), before -> {
                        throw new IllegalStateException("no JVM");
                    }, () -> { }, pid -> { }, 1000, 1000, 1000, stage.lines)),
            new ControllerReplacement(new ControllerReplacement.Parts(stage.loops.loop(0), stage.self, stage.table,
                () -> true, Optional::empty, () -> { }, pid -> { }, 1000, 60_000, stage.lines)),
            new AppProcesses(Ports.standalone(), stage.loops.loop(0), stage.self, stage.table, stage.announcer,
            stage.reaper,
                stage.lines), () -> leaving, () -> stage.lines.info("serving"), () -> { },
                () -> stage.lines.info("rejected"),
            startLines(), stage.lines), dispatcher));
        stage.add(Stage.CONTROLLER, "controller", false);
        stage.add(Stage.ROUTER, "router", false);
        stage.add(Stage.PROTOTYPE, "prototype", true);
        stage.add(Stage.WORKER, "app", true);
    }

    private StartLines startLines() {
        StartLines lines = new StartLines(stage.lines);
        lines.discovered();
        return lines;
    }

    /** The message is malformed before one is needed. */
    private static ShellOrders noShell() {
        throw new PayloadException("no shell");
    }

    private Modules modules() throws Exception {
        Modules modules = new Modules(stage.loops.loop(0), new Modules.Sources(
            Files.createDirectory(directory.resolve("m")), new StateModules(state), bundles(), bundle -> true,
            ModulePolicy.NONE, CoreParts.NONE),
            ModuleFacts.NONE, new ModuleNews(stage.self, stage.rpc, stage.table, 0, stage.lines), stage.lines);
        stage.call(() -> {
            modules.begin(() -> { });
            return 0;
        });
        // Behind what begins with it: an order that is refused when it has its turn.
        modules.admin().order(ModuleOrder.of(ModuleOrder.Verb.UNPIN, "none", "test"), Optional.empty())
            .handle((done, failure) -> failure).toCompletableFuture().get(Stage.SECONDS, TimeUnit.SECONDS);
        stage.await("nothing is installed", () -> !stage.lines.all.isEmpty());
        stage.lines.all.clear();
        return modules;
    }

    /** A framework without bundles. */
    private static BundleContext bundles() {
        return (BundleContext) Proxy.newProxyInstance(MainHandlersTest.class.getClassLoader(),
            new Class<?>[] {BundleContext.class}, (proxy, method, arguments) -> switch (method.getName()) {
                case "getBundles" -> new Bundle[0];
                case "getBundle" -> Proxy.newProxyInstance(MainHandlersTest.class.getClassLoader(),
                    new Class<?>[] {Bundle.class}, (bundle, called, with) ->
                        called.getReturnType() == long.class ? 0L : null);
                default -> null;
            });
    }

    private static Account account(String user, String group) {
        throw new IsolationException(Severity.ALERT, "no such user");
    }

    @AfterEach
    void close() {
        stage.close();
    }

    private void send(int type, int sender, byte[] payload, Fd... fds) {
        stage.call(() -> {
            try (Message message = Stage.message(type, STREAM, sender, payload, fds)) {
                dispatcher.accept(message);
            }
            return 0;
        });
    }

    /** Letters are the senders that are let in: c controller, r router, p prototype, w worker, s stranger. */
    @ParameterizedTest
    @CsvSource({"PROCESS_READY,crp", "START_PROCESS,r", "SOCKET,r", "SOCKET_UNLINK,r", "ACCESS_LOG,r", "CONF_STORE,c",
        "CONTROL_READY,c", "CONF_REJECTED,c", "DATA,", "CERT_CHANGED,", "CONF_APPLY,",
        "CERT_GET,cr", "CERT_STORE,c", "CERT_DELETE,c", "SCRIPT_GET,cr", "SCRIPT_STORE,c", "SCRIPT_DELETE,c",
        "QUERY,c", "RPC_READY,cr", "RPC_ERROR,cr", "QUIT,r", "NEW_PORT,", "MODULE_RELEASED,r", "MODULE_ORDER,c",
        "SHELL_ORDER,c", "LOG_NAMES,c"})
    void onlySomeMayAsk(String name, String allowed) throws Exception {
        int type = MessageType.class.getField(name).getInt(null);
        int[] senders = {Stage.CONTROLLER, Stage.ROUTER, Stage.PROTOTYPE, Stage.WORKER, Stage.STRANGER};
        StringBuilder in = new StringBuilder();
        for (int i = 0; i < senders.length; i++) {
            int sender = senders[i];
            stage.lines.all.clear();
            send(type, sender, NOTHING);
            boolean refused = stage.lines.all.stream().anyMatch(line -> line.startsWith("alert process " + sender)
                && (line.contains(" cannot ") || line.contains("unexpected message"))
                || line.startsWith("alert process port not found"));
            in.append(refused ? "" : "crpws".charAt(i));
        }
        assertEquals(allowed == null ? "" : allowed, in.toString());
    }

    @Test
    void nothingIsStartedWhenAllWereToldToLeave() {
        leaving = true;
        send(MessageType.START_PROCESS, Stage.ROUTER, NOTHING);
        assertEquals("RPC_ERROR 21 the server is leaving", stage.hear(Stage.ROUTER));
    }

    @Test
    void onlyItsPrototypeMaySayThatAWorkerIsGone() {
        send(MessageType.REMOVE_PID, Stage.STRANGER, new RemovePid(Stage.WORKER).encode());
        assertTrue(stage.lines.all.getLast().endsWith(
            "process " + Stage.STRANGER + " cannot remove process " + Stage.WORKER), stage.lines.all.toString());
        stage.lines.all.clear();
        // The last words of a prototype that main has forgotten, about a worker that it has forgotten too.
        send(MessageType.REMOVE_PID, Stage.STRANGER, new RemovePid(Stage.STRANGER + 1).encode());
        assertEquals(List.of(), stage.lines.all);
    }

    @Test
    void theRefusedAreAnswered() {
        send(MessageType.CONF_STORE, Stage.ROUTER, NOTHING);
        assertEquals("RPC_ERROR 21 process " + Stage.ROUTER + " cannot store conf", stage.hear(Stage.ROUTER));
        send(MessageType.CONF_STORE, Stage.CONTROLLER, new byte[3]);
        assertEquals("RPC_ERROR 21 conf_store_handler: unexpected buffer size (3)", stage.hear(Stage.CONTROLLER));
        // Errors about sockets begin with a code.
        send(MessageType.SOCKET, Stage.ROUTER, new byte[2]);
        assertEquals("RPC_ERROR 21 0socket: invalid message size (2)", stage.hear(Stage.ROUTER));
        send(MessageType.RPC_ERROR, Stage.PROTOTYPE, NOTHING);
        assertTrue(stage.hearsNothing(Stage.PROTOTYPE), "an answer has no answer");
    }

    @Test
    void aRouterIsToldTheLanguagesBeforeTheControllerKnowsIt() {
        send(MessageType.PROCESS_READY, Stage.CONTROLLER, NOTHING);
        assertTrue(stage.hear(Stage.CONTROLLER).startsWith("MODULES {\"bundles\":[]"));
        send(MessageType.PROCESS_READY, Stage.ROUTER, NOTHING);
        assertTrue(stage.hear(Stage.ROUTER).startsWith("MODULES {\"bundles\":[]"), "first of all");
        assertEquals("NEW_PORT of " + Stage.ROUTER, stage.hear(Stage.CONTROLLER));
        assertEquals("info router started", stage.lines.all.getLast());
        send(MessageType.PROCESS_READY, Stage.ROUTER, NOTHING);
        assertEquals("alert process " + Stage.ROUTER + " sent PROCESS_READY in unexpected state",
            stage.lines.all.getLast());
    }

    @Test
    void theControllerSaysHowItStarted() {
        send(MessageType.CONF_REJECTED, Stage.CONTROLLER, NOTHING);
        send(MessageType.CONTROL_READY, Stage.CONTROLLER, NOTHING);
        assertEquals(List.of("info rejected", "info serving"), stage.lines.all);
    }

    private void store(byte[] json) {
        send(MessageType.CONF_STORE, Stage.CONTROLLER, LargePayload.length(json.length),
            io.margay.posix.Files.sealedMemory("conf", json));
    }

    @Test
    void configurationsAreStoredWithTheirNotes() {
        ChangeNote note = new ChangeNote("PUT", "/config", ConfObject.builder().put("uid", 7).build());
        store(note.before(Stage.bytes("{\"a\":1}")));
        assertEquals("RPC_READY 21 1", stage.hear(Stage.CONTROLLER));
        assertEquals("{\"a\":1}", new String(state.configuration().orElseThrow(), StandardCharsets.UTF_8));
        store(Stage.bytes("{\"a\":1}"));
        assertEquals("RPC_ERROR 21 conf_store_handler: a configuration comes without the note of its change",
            stage.hear(Stage.CONTROLLER));
        query("revisions");
        assertTrue(stage.hear(Stage.CONTROLLER).matches("RPC_READY 21 \\[\\{\"number\":1,\"time\":\"[^\"]*\","
            + "\"method\":\"PUT\",\"path\":\"/config\",\"peer\":\\{\"uid\":7},\"bytes\":7}]"));
        query("revision 1");
        assertTrue(stage.hear(Stage.CONTROLLER).endsWith("\"bytes\":7}\n{\"a\":1}"));
    }

    @ParameterizedTest
    @CsvSource({"revision 1,RPC_READY 21 ", "uid adam,RPC_READY 21 4294967294", "uid nobody knows,RPC_READY 21 ",
        "uid fails,RPC_READY 21 ", "uid,RPC_ERROR 21 query: no name of a user",
        "revision ../1,RPC_ERROR 21 query: no number of a revision", "x,RPC_ERROR 21 query: unknown question"})
    void questionsAreAnswered(String question, String answer) {
        query(question);
        assertEquals(answer.strip(), stage.hear(Stage.CONTROLLER).strip());
    }

    private void query(String text) {
        send(MessageType.QUERY, Stage.CONTROLLER, Stage.bytes(text));
    }

    private static Fd memory(byte[] content) {
        return io.margay.posix.Files.sealedMemory("content", content);
    }

    @Test
    void certificatesAndScriptsAreStoredReadAndDeleted() throws Exception {
        byte[] content = Stage.bytes("-----BEGIN");
        for (String[] row : new String[][] {{"CERT", "certs"}, {"SCRIPT", "scripts"}}) {
            int get = MessageType.class.getField(row[0] + "_GET").getInt(null);
            int store = MessageType.class.getField(row[0] + "_STORE").getInt(null);
            int delete = MessageType.class.getField(row[0] + "_DELETE").getInt(null);
            Path file = directory.resolve("state").resolve(row[1]).resolve("a b");
            send(store, Stage.CONTROLLER, new ContentRequest("a b", content.length).encode(), memory(content));
            assertEquals("RPC_READY 21 ", stage.hear(Stage.CONTROLLER));
            assertEquals("-----BEGIN", Files.readString(file));
            send(get, Stage.ROUTER, ContentRequest.of("a b").encode());
            assertTrue(stage.hear(Stage.ROUTER).startsWith("RPC_READY 21 "));
            send(delete, Stage.CONTROLLER, ContentRequest.of("a b").encode());
            assertEquals("RPC_READY 21 ", stage.hear(Stage.CONTROLLER));
            assertTrue(Files.notExists(file));
            send(get, Stage.ROUTER, ContentRequest.of("a b").encode());
            assertEquals("RPC_ERROR 21 \"a b\" is not stored", stage.hear(Stage.ROUTER));
        }
    }

    @Test
    void noContentGetsWhereItMustNot() throws Exception {
        byte[] content = Stage.bytes("x");
        send(MessageType.CERT_STORE, Stage.ROUTER, new ContentRequest("a", 1).encode(), memory(content));
        assertEquals("RPC_ERROR 21 process " + Stage.ROUTER + " cannot store certificates", stage.hear(Stage.ROUTER));
        for (String name : new String[] {"../conf.json", "..", "a/b", "a\0b", ".margay.tmp"}) {
            send(MessageType.CERT_STORE, Stage.CONTROLLER, new ContentRequest(name, 1).encode(), memory(content));
            assertTrue(stage.hear(Stage.CONTROLLER).startsWith("RPC_ERROR 21 the name of a certificate is not valid"));
            send(MessageType.CERT_DELETE, Stage.CONTROLLER, ContentRequest.of(name).encode());
            assertTrue(stage.hear(Stage.CONTROLLER).startsWith("RPC_ERROR 21 the name of a certificate is not valid"));
            send(MessageType.SCRIPT_GET, Stage.ROUTER, ContentRequest.of(name).encode());
            assertTrue(stage.hear(Stage.ROUTER).startsWith("RPC_ERROR 21 the name of a script is not valid"));
        }
        send(MessageType.CERT_STORE, Stage.CONTROLLER, new ContentRequest("a", 1).encode());
        assertEquals("RPC_ERROR 21 no content for the certificate \"a\"", stage.hear(Stage.CONTROLLER));
        send(MessageType.CERT_STORE, Stage.CONTROLLER, new ContentRequest("a", 2).encode(), memory(content));
        assertEquals("RPC_ERROR 21 cert_handler: shm of 1 bytes, announced 2", stage.hear(Stage.CONTROLLER));
        try (var left = Files.list(directory.resolve("state/certs"))) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void socketsAreOpenedAndUnlinked() {
        Path path = directory.resolve("socket");
        send(MessageType.SOCKET, Stage.ROUTER, new SocketRequest("unix:" + path, -1, false).encode());
        assertEquals("RPC_READY 21 ", stage.hear(Stage.ROUTER));
        assertTrue(Files.exists(path));
        send(MessageType.SOCKET_UNLINK, Stage.ROUTER, Stage.bytes("unix:" + path));
        assertTrue(Files.notExists(path));
    }

    @Test
    void prototypesAreStartedForTheRouter() {
        byte[] request = new StartProcess("blog", 0, List.of("a", "b", "c"),
            Stage.bytes("{\"type\":\"c\"}")).encode();
        send(MessageType.START_PROCESS, Stage.ROUTER, request,
            io.margay.posix.Files.memfd("a", 0), io.margay.posix.Files.memfd("b", 0),
            io.margay.posix.Files.memfd("c", 0));
        assertEquals("RPC_ERROR 21 unknown application type: \"c\"", stage.hear(Stage.ROUTER));
    }

    @Test
    void theRouterMayEndProcessesOfApplicationsOnly() throws Exception {
        Process stranger = new ProcessBuilder("sleep", "1000").start();
        Process worker = new ProcessBuilder("sleep", "1000").start();
        stage.add((int) worker.pid(), "app", true);
        send(MessageType.QUIT, Stage.ROUTER, new Quit(false, (int) stranger.pid()).encode());
        send(MessageType.QUIT, Stage.ROUTER, new Quit(false, (int) worker.pid()).encode());
        assertEquals(128 + Signals.SIGKILL, worker.waitFor());
        assertTrue(stranger.isAlive());
        stranger.destroyForcibly().waitFor();
    }

    @Test
    void whoAmIIsAnsweredToPrototypes() {
        send(MessageType.WHOAMI, Stage.PROTOTYPE, new byte[4]);
        assertTrue(stage.hear(Stage.PROTOTYPE).startsWith("RPC_READY 21 "));
        send(MessageType.WHOAMI, Stage.WORKER, new byte[4]);
        assertEquals("RPC_ERROR 21 whoami: process " + Stage.WORKER + " sent no port", stage.hear(Stage.WORKER));
        send(MessageType.PROCESS_CREATED, Stage.WORKER, NOTHING);
        assertEquals("RPC_ERROR 21 process " + Stage.WORKER + " sent PROCESS_CREATED in unexpected state",
            stage.hear(Stage.WORKER));
    }

    private static final class None implements Languages {

        @Override
        public Optional<InstalledModule> module(String type) {
            return Optional.empty();
        }

        @Override
        public Optional<Language> language(String word, int revision) {
            return Optional.empty();
        }
    }
}

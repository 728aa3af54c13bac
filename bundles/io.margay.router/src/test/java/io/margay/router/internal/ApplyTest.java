// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.dispatch.PoolLog;
import io.margay.dispatch.ProcessControl;
import io.margay.http.HttpCounters;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.LanguageModule;
import io.margay.lang.ModuleCatalogue;
import io.margay.lang.Probe;
import io.margay.lang.PrototypeLaunch;
import io.margay.lang.RequestEncoder;
import io.margay.lang.Wire;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.RouteCompiler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.lang.reflect.Proxy;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** Changes of the configuration with real sockets; applications get no process that lives. */
@Timeout(60)
class ApplyTest implements ProcessControl, PoolLog, LanguageModule {

    private static final byte[] NO_FIELDS = {};
    private static final String APP = "\"blog\":{\"type\":\"test\",\"processes\":{\"max\":1,\"spare\":0}}";

    @TempDir
    private Path directory;
    private final Stage stage = new Stage();
    private final List<String> ordered = new CopyOnWriteArrayList<>();
    private final RouterParts parts = stage.call(() -> new RouterParts(stage.loops.loop(0),
        new Loops(stage.loops.loop(0), "1.35.0", failure -> stage.lines.alert("loop " + failure)),
        new ListenerSockets(stage.child), new Certificates(stage.child), new ModuleInstaller(context()), this,
        new RouteMaker(() -> List.of(
            new Return())), this, "/tmp", 1, new HashSet<>()));
    private Configuration current = Configuration.empty();
    private Set<String> closed = Set.of();

    @AfterEach
    void close() {
        current.listeners().values().forEach(listener -> stage.call(listener::close));
        stage.close();
    }

    private BundleContext context() {
        Object reference = Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {ServiceReference.class},
            (proxy, method, arguments) -> null);
        return (BundleContext) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {BundleContext.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "getServiceReferences" -> List.of(reference);
                case "getService" -> this;
                default -> throw new UnsupportedOperationException(method.getName());
            });
    }

    private String address(String name) {
        return "unix:" + directory.resolve(name);
    }

    private String listener(String name, String pass) {
        return "\"" + address(name) + "\":{\"pass\":\"" + pass + "\"}";
    }

    private static String conf(String listeners, String status, String applications, String... settings) {
        return "{\"settings\":{" + String.join(",", settings) + "},\"listeners\":{" + listeners
            + "},\"routes\":[{\"action\":{\"return\":" + status + "}}],\"applications\":{" + applications + "}}";
    }

    private void apply(String json, String... leftOut) {
        current = stage.call(() -> new Apply(parts, current, Stage.conf(json), Set.of(leftOut), closed).run())
            .toCompletableFuture().orTimeout(Stage.SECONDS, TimeUnit.SECONDS).join();
    }

    private ApplyException refused(String json) {
        CompletionException thrown = assertThrows(CompletionException.class, () -> apply(json));
        return (ApplyException) thrown.getCause();
    }

    private SocketChannel connect(String name) throws IOException {
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
        client.connect(UnixDomainSocketAddress.of(directory.resolve(name)));
        return client;
    }

    private static String ask(SocketChannel client) throws IOException {
        client.write(ByteBuffer.wrap("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        ByteBuffer in = ByteBuffer.allocate(4096);
        client.read(in);
        return new String(in.array(), 9, 3, StandardCharsets.US_ASCII);
    }

    private String ask(String name) throws IOException {
        try (SocketChannel client = connect(name)) {
            return ask(client);
        }
    }

    @Test
    void listenersAreOpenedInOrderKeptAndClosed() throws IOException {
        apply(conf(listener("a", "routes") + "," + listener("b", "routes"), "200", ""));
        assertEquals(List.of("SOCKET " + address("a") + " -1", "SOCKET " + address("b") + " -1"), stage.asked);
        assertEquals("200 200", ask("a") + " " + ask("b"));
        stage.asked.clear();
        try (SocketChannel client = connect("b")) {
            assertEquals("200", ask(client));
            Object kept = current.listeners().get(address("b"));
            apply(conf(listener("b", "routes"), "404", ""));
            assertSame(kept, current.listeners().get(address("b")));
            assertEquals("404", ask(client), "connections see the new configuration");
        }
        stage.await("the file is given back", () -> stage.asked.equals(List.of("SOCKET_UNLINK " + address("a"))));
        assertThrows(IOException.class, () -> connect("a"));
    }

    @Test
    void aRefusedSocketTakesEverythingBack() throws IOException {
        apply(conf(listener("a", "routes"), "200", ""));
        Configuration before = current;
        stage.asked.clear();
        stage.refusals.put(address("c"), Stage.error("bind(\\\"c\\\") failed"));
        ApplyException thrown = refused(conf(listener("b", "routes") + "," + listener("c", "routes"), "404", APP));
        assertEquals("bind(\"c\") failed", thrown.getMessage());
        assertEquals("listener\0" + address("c") + "\0bind(\"c\") failed", ApplyException.refusal(thrown));
        stage.await("the first socket is given back", () -> stage.asked.contains("SOCKET_UNLINK " + address("b")));
        assertThrows(IOException.class, () -> connect("b"));
        assertSame(before, current);
        assertEquals("200", ask("a"));
        stage.await("no pool is left", () -> stage.call(() -> parts.pools().isEmpty()));
        stage.refusals.put(address("c"), new byte[0]);
        assertEquals("main gave no reason", refused(conf(listener("c", "routes"), "404", "")).getMessage());
    }

    @Test
    void anApplicationThatDoesNotStartIsNamed() throws IOException {
        apply(conf(listener("a", "routes"), "200", APP));
        Object kept = current.pools().get("blog");
        ApplyException thrown = refused(conf(listener("a", "routes") + "," + listener("b", "routes"), "404", APP
            + ",\"bad\":{\"type\":\"test\"}"));
        assertEquals("APPLICATION bad", thrown.part() + " " + thrown.name());
        assertTrue(thrown.getMessage().contains("no prototypes today"), thrown.getMessage());
        assertEquals("200", ask("a"));
        stage.await("its socket is given back", () -> stage.asked.contains("SOCKET_UNLINK " + address("b")));
        stage.await("its pool is gone", () -> stage.call(() -> parts.pools().equals(Set.of(kept))));
    }

    @Test
    void unchangedApplicationsAreKept() {
        apply(conf("", "200", APP));
        Object first = current.pools().get("blog");
        apply(conf("", "404", APP));
        assertSame(first, current.pools().get("blog"));
        apply(conf("", "404", APP.replace("\"max\":1", "\"max\":2")));
        Object second = current.pools().get("blog");
        assertNotSame(first, second);
        stage.await("the old one is gone", () -> stage.call(() -> parts.pools().equals(Set.of(second))));
        apply(conf("", "404", ""));
        stage.await("all are gone", () -> stage.call(() -> parts.pools().isEmpty()));
    }

    @Test
    void anOldPoolStaysUntilItsGenerationIsDrained() {
        apply(conf("", "200", APP));
        Configuration old = current;
        assertTrue(old.generation().enter());
        apply(conf("", "200", ""));
        stage.call(() -> 0);
        assertEquals(1, (int) stage.call(() -> parts.pools().size()));
        old.generation().leave();
        stage.await("it is gone", () -> stage.call(() -> parts.pools().isEmpty()));
    }

    @Test
    void leftOutApplicationsAnswer503() throws IOException {
        apply(conf(listener("a", "applications/bad"), "200", "\"bad\":{\"type\":\"test\"}"), "bad");
        assertEquals(Set.of(), current.pools().keySet());
        assertEquals("503", ask("a"));
        assertEquals(List.of(), ordered);
    }

    @Test
    void leftOutListenersAreNotOpened() throws IOException {
        closed = Set.of(address("a"));
        apply(conf(listener("a", "routes") + "," + listener("b", "routes"), "200", ""));
        assertEquals(List.of("SOCKET " + address("b") + " -1"), stage.asked);
        assertEquals(Set.of(address("b")), current.listeners().keySet());
        Object kept = current.listeners().get(address("b"));
        closed = Set.of();
        apply(conf(listener("a", "routes") + "," + listener("b", "routes"), "200", ""));
        assertEquals("200 200", ask("a") + " " + ask("b"));
        assertSame(kept, current.listeners().get(address("b")));
    }

    @Test
    void addressesOfOnePortReplaceEachOther() {
        int port = freePort();
        String every = "\"*:" + port + "\":{\"pass\":\"routes\"}";
        String local = "\"127.0.0.1:" + port + "\":{\"pass\":\"routes\"}";
        apply(conf(every, "200", ""));
        apply(conf(local, "200", ""));
        List<String> asked = List.of("SOCKET *:" + port + " -1", "SOCKET 127.0.0.1:" + port + " -1 shared",
            "SOCKET_UNLINK *:" + port);
        stage.await("the old one is given back", () -> stage.asked.equals(asked));
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void anApplicationWithoutProcessesAnswers503() throws IOException {
        apply(conf(listener("a", "applications/blog"), "200", APP));
        assertEquals("503", ask("a"));
        assertEquals(List.of("prototype of blog"), ordered);
    }

    @Test
    void whatCannotBeServedIsNamed() {
        assertEquals("The module to run \"cobol 3\" is not found among the available application modules.",
            refused(conf("", "200", "\"a\":{\"type\":\"cobol 3\"}")).getMessage());
        String text = refused(conf(listener("a", "applications/none"), "200", "")).getMessage();
        assertTrue(text.contains("none"), text);
        assertEquals(List.of(), stage.asked);
        stage.await("no pool is left", () -> stage.call(() -> parts.pools().isEmpty()));
    }

    /** Loops that have stopped accepting still have connections, so new pools serve them too. */
    @Test
    void fewerThreadsKeepTheirConnections() throws Exception {
        apply(conf(listener("a", "routes"), "200", "", "\"listen_threads\":3"));
        assertEquals(3, stage.call(() -> parts.loops().engines().size()));
        SocketChannel[] clients = new SocketChannel[12];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = connect("a");
            assertEquals("200", ask(clients[i]));
        }
        apply(conf(listener("a", "applications/blog"), "200", APP, "\"listen_threads\":1"));
        for (SocketChannel client : clients) {
            assertEquals("503", ask(client));
            client.close();
        }
        Object kept = current.pools().get("blog");
        apply(conf(listener("a", "applications/blog"), "200", APP, "\"listen_threads\":3"));
        assertSame(kept, current.pools().get("blog"), "it knows these loops already");
        apply(conf(listener("a", "applications/blog"), "200", APP, "\"listen_threads\":4"));
        assertNotSame(kept, current.pools().get("blog"));
        HttpCounters.Totals totals = parts.loops().totals();
        assertEquals(12, totals.accepted());
        assertEquals(24, totals.requests());
        assertEquals(List.of(), stage.lines.all.stream().filter(line -> line.contains("Exception")).toList());
    }

    @Test
    void theStatusCountsAll() {
        apply(conf("", "200", APP));
        ConfObject status = StatusReport.of(ModuleCatalogue.of(List.of(new InstalledModule("test", "1", "/t",
            List.of()))), new HttpCounters.Totals(9, 2, 3, 11), current);
        assertEquals("{\"modules\":{\"test\":{\"version\":\"1\",\"lib\":\"/t\"}},\"connections\":{\"accepted\":9,"
            + "\"active\":4,\"idle\":2,\"closed\":3},\"requests\":{\"total\":11},\"applications\":{\"blog\":{"
            + "\"processes\":{\"running\":0,\"starting\":0,\"idle\":0},\"requests\":{\"active\":0}}}}",
            new String(ConfWriter.compact(status), StandardCharsets.UTF_8));
    }

    // ---- the language and its processes -------------------------------------

    @Override
    public String type() {
        return "test";
    }

    @Override
    public Wire wire() {
        return Wire.PORT;
    }

    @Override
    public List<Probe> probes() {
        return List.of();
    }

    @Override
    public PrototypeLaunch prototype(AppSpec app, InstalledModule module, Map<String, String> inherited) {
        throw new UnsupportedOperationException("the router starts nothing");
    }

    @Override
    public RequestEncoder encoder(AppSpec app) {
        return (request, out) -> {
            out.writeByte(1);
            return true;
        };
    }

    @Override
    public CompletionStage<Integer> startPrototype(AppSpec app, int request, int slots, int control) {
        ordered.add("prototype of " + app.name());
        return CompletableFuture.failedFuture(new IllegalStateException("no prototypes today"));
    }

    @Override
    public void startWorker(int prototype, int stream, int loops, int slot) {
        throw new UnsupportedOperationException("there is no prototype");
    }

    @Override
    public void killWorker(int prototype, int stream) {
        throw new UnsupportedOperationException("there is no prototype");
    }

    @Override
    public void quitWorker(int prototype, int worker) {
        throw new UnsupportedOperationException("there is no prototype");
    }

    @Override
    public void quitPrototype(int prototype) {
        throw new UnsupportedOperationException("there is no prototype");
    }

    @Override
    public int nextStream() {
        return 1;
    }

    @Override
    public void alert(String text) {
        stage.lines.alert(text);
    }

    @Override
    public void warn(String text) {
        stage.lines.warn(text);
    }

    /** Answers with the status alone. */
    private static final class Return implements ActionFactory {

        @Override
        public String option() {
            return "return";
        }

        @Override
        public Set<String> options() {
            return Set.of("return");
        }

        @Override
        public Action compile(ConfObject action, RouteCompiler compiler) {
            int status = (int) action.integer("return", 0);
            return exchange -> exchange.respond(status, NO_FIELDS, NO_FIELDS);
        }
    }
}

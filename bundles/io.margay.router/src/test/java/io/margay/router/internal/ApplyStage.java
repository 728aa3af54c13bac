// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.margay.certificate.CertificateBundle;
import io.margay.conf.ConfObject;
import io.margay.dispatch.ProcessControl;
import io.margay.dispatch.WireFactory;
import io.margay.dispatch.internal.ApplicationsFactory;
import io.margay.engine.EventLoops;
import io.margay.http.Fields;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import io.margay.lang.RequestEncoder;
import io.margay.listen.HandshakeAnswers;
import io.margay.log.ErrorLog;
import io.margay.module.ExtensionKind;
import io.margay.module.ModuleReceiver;
import io.margay.protocol.http1.Http1Protocol;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.Extensions;
import io.margay.route.RouteCompiler;
import io.margay.route.SectionFactory;
import io.margay.route.TargetFactory;
import io.margay.wire.port.internal.PortWireFactory;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** A router with real sockets whose applications get no process that lives. */
abstract class ApplyStage implements ProcessControl, Language {

    static final byte[] NOTHING = {};
    static final String APP = "\"blog\":{\"type\":\"test\",\"processes\":{\"max\":1,\"spare\":0}}";

    @TempDir
    Path directory;
    final Stage stage = new Stage();
    final List<String> ordered = new CopyOnWriteArrayList<>();
    private final Loops loops = new Loops("1.35.0", number ->
        EventLoops.create("router-" + number, 1, failure -> stage.lines.alert("loop " + failure)),
        ErrorLog.standardError());
    private final RouterPools pools = new RouterPools(stage.loops.loop(0), loops, new ModuleInstaller(context(),
        new ModuleReceiver(stage.loops.loop(0), context(), ExtensionKind::router)), revision -> this);
    private final ApplicationsFactory applications = new ApplicationsFactory(pools, ErrorLog.standardError());
    final CertificateKinds kinds = new CertificateKinds();
    private final BoundExtensions.Snapshot extensions = new BoundExtensions.Snapshot(BoundExtensions.builder()
        .add(new Return(), new Extensions.Origin(1, "test"))
        .add((SectionFactory) applications, new Extensions.Origin(2, "dispatch"))
        .add((TargetFactory) applications, new Extensions.Origin(2, "dispatch")).build(),
        Map.of(new Http1Protocol(), 0), kinds, Set.of(1L), List.of());
    final RouterParts parts = new RouterParts(stage.loops.loop(0), loops, new ListenerSockets(stage.child),
        new Certificates(stage.child, CertificateBundle::parse,
            new HandshakeAnswers(ErrorLog.standardError()), stage.lines), pools,
            new RouteMaker(ErrorLog.standardError()), stage.lines, "/tmp", 1);
    Configuration current = Configuration.empty();
    Set<String> closed = Set.of();

    @AfterEach
    void close() {
        current.listeners().values().forEach(listener -> stage.call(listener::close));
        stage.close();
    }

    BundleContext context() {
        Map<Object, Object> services = Map.of(Language.class, this, WireFactory.class, new PortWireFactory());
        Map<Object, Object> references = new IdentityHashMap<>();
        services.forEach((type, service) -> references.put(Proxy.newProxyInstance(getClass().getClassLoader(),
            new Class<?>[] {ServiceReference.class}, (proxy, method, arguments) ->
                method.getName().equals("getBundle") ? bundle() : null), type));
        return (BundleContext) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {BundleContext.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "getAllServiceReferences" -> references.keySet().stream()
                    .filter(reference -> ((Class<?>) references.get(reference)).getName().equals(arguments[0]))
                    .toArray(ServiceReference<?>[]::new);
                case "getService" -> services.get(references.get(arguments[0]));
                default -> throw new UnsupportedOperationException(method.getName());
            });
    }

    private Object bundle() {
        return Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Bundle.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "getState" -> Bundle.ACTIVE;
                case "getLocation" -> "test";
                default -> null;
            });
    }

    String address(String name) {
        return "unix:" + directory.resolve(name);
    }

    String listener(String name, String pass) {
        return "\"" + address(name) + "\":{\"pass\":\"" + pass + "\"}";
    }

    static String conf(String listeners, String status, String applications, String... settings) {
        return "{\"settings\":{" + String.join(",", settings) + "},\"listeners\":{" + listeners
            + "},\"routes\":[{\"action\":{\"return\":" + status + "}}],\"applications\":{" + applications + "}}";
    }

    Order order(String json, String... leftOut) {
        return new Order(Stage.conf(json), Set.of(leftOut), closed, false);
    }

    Apply apply(Order order) {
        return new Apply(parts, current, order, extensions, Set.of());
    }

    void apply(String json, String... leftOut) {
        current = stage.call(() -> apply(order(json, leftOut)).run())
            .toCompletableFuture().orTimeout(Stage.SECONDS, TimeUnit.SECONDS).join();
    }

    ApplyException refused(String json) {
        CompletionException thrown = assertThrows(CompletionException.class, () -> apply(json));
        return (ApplyException) thrown.getCause();
    }

    SocketChannel connect(String name) throws IOException {
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
        client.connect(UnixDomainSocketAddress.of(directory.resolve(name)));
        return client;
    }

    static String ask(SocketChannel client) throws IOException {
        send(client);
        return answer(client);
    }

    static void send(SocketChannel client) throws IOException {
        client.write(ByteBuffer.wrap("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
    }

    static String answer(SocketChannel client) throws IOException {
        ByteBuffer in = ByteBuffer.allocate(4096);
        client.read(in);
        return new String(in.array(), 9, 3, StandardCharsets.US_ASCII);
    }

    String ask(String name) throws IOException {
        try (SocketChannel client = connect(name)) {
            return ask(client);
        }
    }

    @Override
    public String type() {
        return "test";
    }

    @Override
    public String wire() {
        return "port";
    }

    @Override
    public List<Probe> probes() {
        return List.of();
    }

    @Override
    public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
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
    public CompletionStage<Integer> startPrototype(AppSpec app, List<Descriptor> descriptors) {
        ordered.add("prototype of " + app.name());
        return CompletableFuture.failedFuture(new IllegalStateException("no prototypes today"));
    }

    @Override
    public void startWorker(int prototype, int stream, byte[] payload) {
        throw new UnsupportedOperationException("there is no prototype");
    }

    @Override
    public void killWorker(Optional<Integer> prototype, int process) {
        throw new UnsupportedOperationException("there is no prototype");
    }

    @Override
    public void killStart(int prototype, int stream) {
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
            return exchange -> exchange.respond(status, Fields.NONE, NOTHING);
        }
    }
}

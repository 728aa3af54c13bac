// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.certificate.CertificateBundle;
import io.margay.dispatch.PoolHost;
import io.margay.dispatch.internal.ApplicationsFactory;
import io.margay.engine.EventLoops;
import io.margay.http.Protocol;
import io.margay.listen.HandshakeAnswers;
import io.margay.log.ErrorLog;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.NewPort;
import io.margay.port.Quit;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.Processes;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import io.margay.process.ProcessContext;
import io.margay.protocol.http1.Http1Protocol;
import io.margay.route.ExtensionSource;
import io.margay.route.Extensions;
import io.margay.route.SectionFactory;
import io.margay.route.TargetFactory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/** The router as a whole, with ports whose other ends the test has. */
@Timeout(60)
class RouterProcessTest {

    private static final int CONTROLLER = 1_000_000_007;
    private static final int STRANGER = 1_000_000_008;
    private static final int STREAM = 77;
    private static final String RESTLESS = "restless";

    @TempDir
    private Path directory;
    private final Stage stage = new Stage();
    private final List<Integer> exits = new CopyOnWriteArrayList<>();
    private String quitSeconds = "30";
    private String idleSeconds = "30";
    private Fd controller;

    @BeforeEach
    void begin(TestInfo test) {
        idleSeconds = test.getTags().contains(RESTLESS) ? "0" : "30";
        ProcessContext context = (ProcessContext) Proxy.newProxyInstance(ProcessContext.class.getClassLoader(),
            new Class<?>[] {ProcessContext.class},
            (proxy, method, arguments) -> method.getName().equals("exit") && exits.add((Integer) arguments[0]) ? null
                : null);
        BundleContext bundles = bundles();
        Fd[] pair = Sockets.seqpacketPair();
        controller = pair[0];
        stage.call(() -> {
            Processes.noNewPrivileges();
            new RouterProcess(context, stage.child, bundles, source(), CertificateBundle::parse,
                new HandshakeAnswers(ErrorLog.standardError()),
                ErrorLog.standardError(), stage.lines, number ->
                EventLoops.create("router-" + number, 1, failure -> stage.lines.alert("loop " + failure))).begin();
            return 0;
        });
        stage.await("it is ready", () -> stage.asked.equals(List.of("PROCESS_READY ")));
        send(MessageType.NEW_PORT, Stage.MAIN, NewPort.of(0, CONTROLLER, 2).encode(),
            pair[1]);
    }

    /** A framework where one bundle offers a protocol, and applications once somebody hosts them. */
    private BundleContext bundles() {
        ClassLoader loader = getClass().getClassLoader();
        Object bundle = Proxy.newProxyInstance(loader, new Class<?>[] {Bundle.class},
            (proxy, method, arguments) -> method.getName().equals("getState") ? Bundle.ACTIVE : "test");
        Map<Object, Object> services = new HashMap<>();
        Map<Object, ServiceReference<?>> references = new HashMap<>();
        for (Class<?> type : List.of(Protocol.class, SectionFactory.class, TargetFactory.class)) {
            references.put(type.getName(), (ServiceReference<?>) Proxy.newProxyInstance(loader,
                new Class<?>[] {ServiceReference.class}, (proxy, method, arguments) -> switch (method.getName()) {
                    case "getBundle" -> bundle;
                    case "getProperty" -> (long) references.size();
                    case "toString" -> type.getName();
                    default -> throw new UnsupportedOperationException(method.getName());
                }));
        }
        services.put(Protocol.class.getName(), new Http1Protocol());
        return (BundleContext) Proxy.newProxyInstance(loader, new Class<?>[] {BundleContext.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "getProperty" -> arguments[0].equals("margay.quit.idle.seconds") ? idleSeconds : quitSeconds;
                case "registerService" -> {
                    if (arguments[1] instanceof PoolHost host) {
                        ApplicationsFactory factory = new ApplicationsFactory(host, ErrorLog.standardError());
                        services.put(SectionFactory.class.getName(), factory);
                        services.put(TargetFactory.class.getName(), factory);
                    }
                    yield Proxy.newProxyInstance(loader, new Class<?>[] {ServiceRegistration.class},
                        (registration, called, values) -> null);
                }
                case "getAllServiceReferences" -> references.containsKey(arguments[0])
                    ? new ServiceReference<?>[] {references.get(arguments[0])} : null;
                default -> services.get(arguments[0].toString());
            });
    }

    private static ExtensionSource source() {
        return new ExtensionSource() {
            @Override
            public Extensions current() {
                return Extensions.NONE;
            }

            @Override
            public AutoCloseable onChange(Runnable action) {
                return () -> { };
            }
        };
    }

    /** Main names the extensions: until then no configuration is applied. */
    private void tellExtensions() {
        byte[] news = bytes("{\"bundles\":[],\"catalogue\":[]}");
        send(MessageType.MODULES, Stage.MAIN, LargePayload.length(news.length), Files.sealedMemory("news", news));
        assertEquals("READERS [\"protocol:http1\",\"section:/applications\",\"target:applications\"]", answer());
    }

    @AfterEach
    void end() {
        send(MessageType.QUIT, Stage.MAIN, Quit.GRACEFUL.encode());
        stage.await("it leaves", () -> exits.contains(0));
        stage.call(() -> {
            stage.child.table().all().forEach(stage.child.table()::remove);
            return 0;
        });
        controller.close();
        stage.close();
    }

    private void send(int type, int sender, byte[] payload, Fd... fds) {
        int[] numbers = new int[fds.length];
        for (int i = 0; i < fds.length; i++) {
            numbers[i] = fds[i].release();
        }
        stage.loops.loop(0).execute(() -> {
            try (Message message = new Message(Header.last(type, STREAM, sender), ByteBuffer.wrap(payload), sender, 0,
                    0, numbers)) {
                stage.child.dispatcher().accept(message);
            }
        });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void order(int sender, String json) {
        byte[] order = bytes(json);
        send(MessageType.CONF_APPLY, sender, LargePayload.length(order.length), Files.sealedMemory("conf", order));
    }

    /** The next answer to the controller. */
    private String answer() {
        assertEquals(1, Descriptors.poll(controller.number(), Descriptors.POLLIN, Stage.SECONDS * 1000),
            () -> "no answer; log " + stage.lines.all);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(65_536);
            Received received = Sockets.receive(controller.number(), memory);
            ByteBuffer in = ByteBuffer.wrap(memory.asSlice(0, received.length()).toArray(ValueLayout.JAVA_BYTE));
            Header header = Header.decode(in);
            if (header.type() != MessageType.READERS) {
                assertEquals(STREAM, header.stream());
            }
            try (Message message = new Message(header, in, received.pid(), 0, 0, received.fds())) {
                return MessageType.name(header.type()) + " " + (message.fdCount() > 0
                    ? new String(LargePayload.receive(message, "test", 1 << 20), StandardCharsets.UTF_8)
                    : message.text().replace('\0', '0'));
            }
        }
    }

    private String listener(String name) {
        return "{\"listeners\":{\"unix:" + directory.resolve(name) + "\":{\"pass\":\"routes\"}},\"routes\":[]}";
    }

    @Test
    void aConfigurationIsAppliedAndAnswered() {
        tellExtensions();
        order(CONTROLLER, "{\"leftOut\":[],\"closed\":[],\"configuration\":" + listener("a") + "}");
        assertEquals("RPC_READY ", answer());
        assertTrue(stage.asked.contains("SOCKET unix:" + directory.resolve("a") + " -1"), stage.asked.toString());
        String status = status();
        assertTrue(status.startsWith("RPC_READY {\"modules\":{},\"connections\":{\"accepted\":0,"), status);
        assertEquals(List.of(), stage.lines.all);
    }

    /** Whatever is wrong with an order, the controller does not wait. */
    @Test
    void everyOrderIsAnswered() {
        tellExtensions();
        String busy = "unix:" + directory.resolve("busy");
        stage.refusals.put(busy, Stage.error("bind(\\\"busy\\\") failed"));
        String[][] cases = {
            {"{", "RPC_ERROR conf_data_handler: malformed configuration: "},
            {"[]", "RPC_ERROR conf_data_handler: malformed configuration: "},
            {"{\"configuration\":" + listener("busy") + "}", "RPC_ERROR listener0" + busy + "0bind(\"busy\") failed"},
            {"{\"configuration\":{\"applications\":{\"a\":{\"type\":\"cobol\"}}}}",
                "RPC_ERROR application0a0The module to run \"cobol\" is not found"},
            {"{\"configuration\":{\"applications\":{\"a\":7}}}", "RPC_ERROR "},
            {"{\"configuration\":{\"listeners\":{\"*:80\":{\"pass\":\"routes/none\"}}}}", "RPC_ERROR "},
            {"{\"configuration\":{}}", "RPC_READY "}};
        for (String[] each : cases) {
            order(CONTROLLER, each[0]);
            String answer = answer();
            assertTrue(answer.startsWith(each[1]), each[0] + ": " + answer);
        }
        send(MessageType.CONF_APPLY, CONTROLLER, new byte[3]);
        assertEquals("RPC_ERROR conf_data_handler: unexpected buffer size (3)", answer());
        send(MessageType.APP_RESTART, CONTROLLER, bytes("none"));
        assertEquals("RPC_ERROR unknown application", answer());
        send(MessageType.CONF_STORE, CONTROLLER, bytes("x"));
        assertTrue(answer().startsWith("RPC_ERROR process " + CONTROLLER + " sent unexpected message CONF_STORE"));
    }

    @Test
    void strangersAreRefused() {
        order(STRANGER, "{\"configuration\":{}}");
        stage.await("it is said", () -> stage.lines.all.contains("alert process " + STRANGER
            + " cannot send CONF_APPLY"));
        send(MessageType.QUIT, CONTROLLER, new byte[0]);
        assertTrue(answer().startsWith("RPC_ERROR process " + CONTROLLER + " cannot send QUIT"));
        assertEquals(List.of(), exits);
    }

    @Test
    void mainHearsWhetherItsNewsWereTaken() {
        tellExtensions();
        stage.await("the answer", () -> stage.asked.contains("RPC_READY "));
        send(MessageType.MODULES, Stage.MAIN, new byte[1]);
        stage.await("the refusal", () -> stage.asked.contains("RPC_ERROR modules_handler: unexpected buffer size (1)"));
        send(MessageType.MODULE, Stage.MAIN, new byte[1]);
        stage.await("the refusal", () -> stage.asked.contains("RPC_ERROR module_handler: unexpected buffer size (1)"));
    }

    /** Else what needs an extension would be refused by a router that has just been started again. */
    @Test
    void noConfigurationIsAppliedBeforeTheExtensionsAreKnown() {
        order(CONTROLLER, "{\"configuration\":" + listener("a") + "}");
        stage.call(() -> 0);
        assertFalse(stage.asked.toString().contains("SOCKET"));
        tellExtensions();
        assertEquals("RPC_READY ", answer());
    }

    /** A controller that comes back in the middle of a change of the one before it has its way. */
    @Test
    void ordersWaitForEachOther() {
        tellExtensions();
        stage.silent = true;
        order(CONTROLLER, "{\"configuration\":" + listener("a") + "}");
        stage.await("the first is on its way", () -> stage.asked.toString().contains("SOCKET"));
        order(CONTROLLER, "{\"configuration\":{}}");
        stage.call(() -> {
            stage.silent = false;
            stage.answerLate();
            return 0;
        });
        assertEquals("RPC_READY ", answer());
        assertEquals("RPC_READY ", answer());
        stage.await("the second counts", () -> stage.asked.contains("SOCKET_UNLINK unix:" + directory.resolve("a")));
    }

    @Test
    void aChangeOnItsWayIsNoReasonToStay() {
        tellExtensions();
        stage.silent = true;
        order(CONTROLLER, "{\"configuration\":" + listener("a") + "}");
        stage.await("it is on its way", () -> stage.asked.toString().contains("SOCKET"));
        send(MessageType.QUIT, Stage.MAIN, Quit.GRACEFUL.encode());
        stage.await("it leaves", () -> exits.equals(List.of(0)));
    }

    /** A client that was let in has its answer, though its request comes when nobody else is let in any more. */
    @Test
    void whoWasAcceptedIsAnsweredStill() throws IOException {
        tellExtensions();
        UnixDomainSocketAddress address = serving("a");
        try (SocketChannel client = SocketChannel.open(address)) {
            assertFalse(ask(client).contains("Connection: close"));
            send(MessageType.QUIT, Stage.MAIN, Quit.GRACEFUL.encode());
            stage.await("nobody is let in", () -> isRefused(address));
            assertEquals(List.of(), exits);
            String last = ask(client);
            assertTrue(last.startsWith("HTTP/1.1 404 ") && last.contains("\r\nConnection: close\r\n"), last);
            stage.await("it leaves", () -> exits.equals(List.of(0)));
        }
    }

    /** What has begun under a configuration of before is waited for, as what has under the last one. */
    @Test
    @Tag(RESTLESS)
    void aRequestOfAnEarlierConfigurationIsFinished() throws IOException {
        tellExtensions();
        UnixDomainSocketAddress address = serving("a");
        try (SocketChannel client = SocketChannel.open(address)) {
            client.write(ByteBuffer.wrap(bytes("GET / HTTP/1.1\r\n")));
            stage.await("it has begun", () -> status().contains("\"active\":1"));
            UnixDomainSocketAddress last = serving("b");
            send(MessageType.QUIT, Stage.MAIN, Quit.GRACEFUL.encode());
            stage.await("nobody is let in", () -> isRefused(last));
            for (int i = 0; i < 20; i++) {
                assertEquals(List.of(), exits, status());
            }
            client.write(ByteBuffer.wrap(bytes("Host: a\r\n\r\n")));
            assertTrue(answered(client).startsWith("HTTP/1.1 404 "));
            stage.await("it leaves", () -> exits.equals(List.of(0)));
        }
    }

    /** What is read and compiled on the control loop holds up no client. */
    @Test
    void clientsDoNotWaitForTheControlLoop() throws IOException {
        tellExtensions();
        try (SocketChannel client = SocketChannel.open(serving("a"))) {
            CompletableFuture<String> heard = new CompletableFuture<>();
            CompletableFuture<String> busy = CompletableFuture.supplyAsync(() ->
                heard.orTimeout(Stage.SECONDS, TimeUnit.SECONDS).join(), stage.loops.loop(0)::execute);
            heard.complete(ask(client));
            assertTrue(busy.join().startsWith("HTTP/1.1 404 "));
        }
    }

    private UnixDomainSocketAddress serving(String name) {
        order(CONTROLLER, "{\"configuration\":" + listener(name) + "}");
        assertEquals("RPC_READY ", answer());
        return UnixDomainSocketAddress.of(directory.resolve(name));
    }

    private String status() {
        send(MessageType.STATUS, CONTROLLER, new byte[0]);
        return answer();
    }

    private static boolean isRefused(UnixDomainSocketAddress address) {
        try (SocketChannel other = SocketChannel.open(address)) {
            return !other.isOpen();
        } catch (IOException e) {
            return true;
        }
    }

    private static String ask(SocketChannel client) throws IOException {
        client.write(ByteBuffer.wrap(bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n")));
        return answered(client);
    }

    private static String answered(SocketChannel client) throws IOException {
        ByteBuffer in = ByteBuffer.allocate(4096);
        while (!new String(in.array(), 0, in.position(), StandardCharsets.UTF_8).endsWith("</title><p>Error 404.\r\n")
                && client.read(in) > 0) {
            continue;
        }
        return new String(in.array(), 0, in.position(), StandardCharsets.UTF_8);
    }

    @Test
    void anOrdinaryQuitEndsAtOnce() {
        send(MessageType.QUIT, Stage.MAIN, new byte[0]);
        stage.await("it leaves", () -> exits.equals(List.of(0)));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.certificate.CertificateBundle;
import io.margay.control.ControlResources;
import io.margay.controller.AppsResource;
import io.margay.controller.CertificatesResource;
import io.margay.controller.ConfigPlane;
import io.margay.controller.ConfigResource;
import io.margay.controller.StatusResource;
import io.margay.engine.EventLoops;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.NewPort;
import io.margay.port.Ports;
import io.margay.port.RemovePid;
import io.margay.port.Rpc;
import io.margay.posix.Address;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.Processes;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import io.margay.process.CoreChild;
import io.margay.process.ProcessContext;
import io.margay.schema.Options;
import io.margay.schema.Schema;
import io.margay.schema.SchemaRegistry;
import io.margay.script.ModuleSyntax;
import io.margay.testing.Kinds;
import io.margay.testing.Lines;
import io.margay.testing.SchemaFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;

/** The controller as a whole: the test is main, router and client. */
@Timeout(60)
class ControllerProcessTest {

    private static final int MAIN = 1_000_000_000;
    private static final int ROUTER = 1_000_000_001;
    private static final int SECONDS = 20;
    private static final String NOTHING_STORED = "nothing-stored";
    private static final byte[] STORED =
        "{\"listeners\":{},\"routes\":[],\"applications\":{}}".getBytes(StandardCharsets.US_ASCII);
    private static final String NEWS = "{\"bundles\":[],\"catalogue\":[]}";

    @TempDir
    private Path directory;
    private final Lines lines = new Lines();
    private final EventLoops loops = EventLoops.create("test", 1, failure -> lines.alert("loop " + failure));
    private final List<Integer> exits = new CopyOnWriteArrayList<>();
    private final Set<String> readers = new CopyOnWriteArraySet<>();
    private CoreChild child;
    private Fd read;
    private Fd live;
    private Fd main;
    private Fd router;

    @BeforeEach
    void begin(TestInfo test) throws IOException {
        SchemaRegistry registry = new SchemaRegistry();
        SchemaFiles.all().forEach(registry::put);
        Options options = new Options() {
            @Override
            public Schema schema() {
                return registry.current();
            }

            @Override
            public boolean reads(String reader) {
                return readers.isEmpty() || readers.contains(reader);
            }

            @Override
            public void routerReads(Set<String> told) {
                readers.addAll(told);
            }

            @Override
            public void whenUnusable(Consumer<String> told) {
            }

            @Override
            public void whenChanged(Runnable action) {
            }
        };
        ProcessContext context = (ProcessContext) Proxy.newProxyInstance(ProcessContext.class.getClassLoader(),
            new Class<?>[] {ProcessContext.class},
            (proxy, method, arguments) -> {
                exits.add((Integer) arguments[0]);
                return null;
            });
        BundleContext bundles = (BundleContext) Proxy.newProxyInstance(getClass().getClassLoader(),
            new Class<?>[] {BundleContext.class}, (proxy, method, arguments) -> null);
        Fd[] reads = Sockets.seqpacketPair();
        Fd[] mains = Sockets.seqpacketPair();
        Fd[] lives = Sockets.seqpacketPair();
        read = reads[1];
        main = mains[1];
        live = lives[1];
        Fd listen = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
        Sockets.bind(listen, Address.parse("unix:" + directory.resolve("control")));
        Sockets.listen(listen, 5);
        String stored = test.getTags().contains(NOTHING_STORED) ? "" : ",\"conf\":"
            + Files.sealedMemory("conf", STORED).release() + ",\"confsize\":" + STORED.length;
        call(() -> {
            Processes.noNewPrivileges();
            child = new CoreChild("{\"pid\":" + MAIN + ",\"version\":\"1.35.0\",\"read\":" + reads[0].release()
                + ",\"main\":" + mains[0].release() + ",\"live\":" + lives[0].release() + ",\"listen\":"
                + listen.release() + stored + ",\"kinds\":" + Kinds.json() + "}", "controller", Ports.standalone(),
                    loops.loop(0),
                Rpc.OWNER_CONTROLLER, lines);
            ConfigPlane plane = new ConfigPlane();
            ControlResources resources = new ControlResources((level, text) -> lines.alert(text));
            resources.add(new ConfigResource(plane), Map.of());
            resources.add(new StatusResource(plane), Map.of());
            resources.add(new CertificatesResource(plane), Map.of());
            resources.add(new AppsResource(plane), Map.of());
            new ControllerProcess(context, child, new Services(bundles, options, plane, resources,
                CertificateBundle::parse, ModuleSyntax::problem), lines).begin();
        });
        assertEquals("PROCESS_READY ", hear(main).text());
    }

    @AfterEach
    void end() {
        call(() -> {
            child.table().all().forEach(child.table()::remove);
            child.main().close();
        });
        for (Fd fd : Stream.of(read, live, main, router).filter(fd -> fd != null).toList()) {
            fd.close();
        }
        loops.close();
    }

    private void call(Runnable task) {
        CompletableFuture.runAsync(task, loops.loop(0)).orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    private void send(int type, int stream, int sender, byte[] payload, Fd... fds) {
        int[] numbers = new int[fds.length];
        for (int i = 0; i < fds.length; i++) {
            numbers[i] = fds[i].release();
        }
        call(() -> {
            try (Message message = new Message(Header.last(type, stream, sender), ByteBuffer.wrap(payload), sender, 0,
                    0, numbers)) {
                child.dispatcher().accept(message);
            }
        });
    }

    private record Heard(int stream, String text) {
    }

    private Heard hear(Fd end) {
        assertEquals(1, Descriptors.poll(end.number(), Descriptors.POLLIN, SECONDS * 1000),
            () -> "nothing is heard; log " + lines.all);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(65_536);
            Received received = Sockets.receive(end.number(), memory);
            ByteBuffer in = ByteBuffer.wrap(memory.asSlice(0, received.length()).toArray(ValueLayout.JAVA_BYTE));
            Header header = Header.decode(in);
            if (header.type() == MessageType.READERS) {
                // What each controller asks its router first.
                routerReads();
                return hear(end);
            }
            try (Message message = new Message(header, in, received.pid(), 0, 0, received.fds())) {
                return new Heard(header.stream(), MessageType.name(header.type()) + " " + (message.fdCount() > 0
                    ? new String(LargePayload.receive(message, "test", 1 << 20), StandardCharsets.UTF_8)
                    : message.text().replace('\0', '0').replace('\1', '1')));
            }
        }
    }

    private void news(String json) {
        byte[] news = json.getBytes(StandardCharsets.UTF_8);
        send(MessageType.MODULES, 5, MAIN, LargePayload.length(news.length), Files.sealedMemory("news", news));
    }

    private void routerReads() {
        byte[] list = "[]".getBytes(StandardCharsets.US_ASCII);
        send(MessageType.READERS, 0, ROUTER, LargePayload.length(list.length), Files.sealedMemory("list", list));
    }

    private void routerArrives() {
        Fd[] pair = Sockets.seqpacketPair();
        router = pair[0];
        send(MessageType.NEW_PORT, 0, MAIN, NewPort.of(0, ROUTER, 3).encode(), pair[1]);
    }

    private void serve() {
        news(NEWS);
        assertEquals(new Heard(5, "RPC_READY "), hear(main));
        routerArrives();
        Heard order = hear(router);
        assertTrue(order.text().startsWith("CONF_APPLY {\"leftOut\":[],\"closed\":[],"
            + "\"configuration\":{\"listeners\":{},"),
            order.text());
        send(MessageType.RPC_READY, order.stream(), ROUTER, new byte[0]);
        assertEquals("CONTROL_READY ", hear(main).text(), "the control socket is served");
    }

    /** Else what is stored would be refused for options that nobody seems to read, and be put aside. */
    @Test
    void nothingIsAppliedBeforeTheRouterSaysWhatItReads() {
        news(NEWS);
        assertEquals(new Heard(5, "RPC_READY "), hear(main));
        routerArrives();
        call(() -> { });
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(65_536);
            int length = Sockets.receive(router.number(), memory).length();
            Header header = Header.decode(ByteBuffer.wrap(memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE)));
            assertEquals(MessageType.READERS, header.type());
        }
        assertEquals(0, Descriptors.poll(router.number(), Descriptors.POLLIN, 0), "it waits for the answer");
        routerReads();
        assertTrue(hear(router).text().startsWith("CONF_APPLY "));
    }

    /** Applications that hang at their start: who has started the server goes on, who asks for the result waits. */
    @Test
    void itServesBeforeTheStoredConfigurationIsInForce() throws IOException {
        news(NEWS);
        assertEquals(new Heard(5, "RPC_READY "), hear(main));
        routerArrives();
        Heard order = hear(router);
        assertEquals("CONTROL_READY ", hear(main).text(), "the router has not answered yet");
        try (SocketChannel early = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            early.connect(UnixDomainSocketAddress.of(directory.resolve("control")));
            early.configureBlocking(false);
            early.write(ByteBuffer.wrap("GET /config/routes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII)));
            assertTrue(reply("/nothing").startsWith("HTTP/1.1 404"), "what needs no configuration is answered");
            ByteBuffer in = ByteBuffer.allocate(4096);
            assertEquals(0, early.read(in));
            send(MessageType.RPC_READY, order.stream(), ROUTER, new byte[0]);
            early.configureBlocking(true);
            assertTrue(early.read(in) > 0);
            assertTrue(new String(in.array(), 0, in.position(), StandardCharsets.US_ASCII)
                .startsWith("HTTP/1.1 200 OK"));
        }
        assertEquals(List.of(), lines.all);
    }

    private String reply(String path) throws IOException {
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(directory.resolve("control")));
            client.write(ByteBuffer.wrap(("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer in = ByteBuffer.allocate(4096);
            assertTrue(client.read(in) > 0);
            return new String(in.array(), 0, in.position(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void itServesOnceRouterAndLanguagesAreThere() throws IOException {
        serve();
        assertTrue(reply("/config/routes").startsWith("HTTP/1.1 200 OK"));
        assertEquals(List.of(), lines.all);
    }

    /** What was not stored need not be restored: who only reads need not wait for the router. */
    @Test
    @Tag(NOTHING_STORED)
    void withNothingStoredItServesBeforeTheRouterIsThere() throws IOException {
        assertEquals("CONTROL_READY ", hear(main).text(), "the control socket is served");
        assertTrue(reply("/config/routes").startsWith("HTTP/1.1 200 OK"));
        try (SocketChannel early = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            early.connect(UnixDomainSocketAddress.of(directory.resolve("control")));
            early.write(ByteBuffer.wrap(("PUT /config/routes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + "Content-Length: 16\r\n\r\n[{\"action\": 404}]").getBytes(StandardCharsets.US_ASCII)));
            early.configureBlocking(false);
            assertTrue(reply("/config/routes").startsWith("HTTP/1.1 200 OK"));
            ByteBuffer in = ByteBuffer.allocate(4096);
            assertEquals(0, early.read(in), "a change waits for the router");
            news(NEWS);
            assertEquals(new Heard(5, "RPC_READY "), hear(main));
            routerArrives();
            send(MessageType.RPC_READY, hear(router).stream(), ROUTER, new byte[0]);
            early.configureBlocking(true);
            assertTrue(early.read(in) > 0);
            assertTrue(new String(in.array(), 0, in.position(), StandardCharsets.US_ASCII)
                .startsWith("HTTP/1.1 400 "));
        }
        assertTrue(lines.all.getFirst().startsWith("info control: PUT /config/routes by "), lines.all.toString());
    }

    @Test
    void aNewRouterGetsTheConfigurationAgain() {
        serve();
        router.close();
        send(MessageType.REMOVE_PID, 0, MAIN, new RemovePid(ROUTER).encode());
        routerArrives();
        Heard order = hear(router);
        assertTrue(order.text().startsWith("CONF_APPLY "), order.text());
        // Somebody else answers: that is no answer.
        send(MessageType.RPC_READY, order.stream(), MAIN, new byte[0]);
        assertEquals(List.of("alert process " + MAIN + " answered a request to process " + ROUTER), lines.all);
        send(MessageType.RPC_READY, order.stream(), ROUTER, new byte[0]);
    }

    @Test
    void mainIsToldWhoUsesALanguage() {
        serve();
        byte[] question = "{\"revision\":1,\"extensions\":[\"lang:python\"]}".getBytes(StandardCharsets.US_ASCII);
        send(MessageType.MODULE_USERS, 9, MAIN, LargePayload.length(question.length),
            Files.sealedMemory("question", question));
        assertEquals(new Heard(9, "RPC_READY []"), hear(main));
        send(MessageType.MODULE_USERS, 9, ROUTER, new byte[0]);
        assertTrue(lines.all.getLast().endsWith("cannot send MODULE_USERS"), lines.all.toString());
    }

    @Test
    void malformedNewsAreRefused() {
        news("[]");
        assertTrue(hear(main).text().startsWith("RPC_ERROR modules_handler: malformed news: "));
        send(MessageType.QUIT, 0, MAIN, new byte[0]);
        assertEquals(List.of(0), exits);
    }
}

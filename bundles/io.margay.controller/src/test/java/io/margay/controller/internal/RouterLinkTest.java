// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfWriter;
import io.margay.controller.Applied;
import io.margay.controller.LeftOut;
import io.margay.engine.EventLoops;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.NewPort;
import io.margay.port.Port;
import io.margay.port.Ports;
import io.margay.port.ReceiveBuffer;
import io.margay.port.RemovePid;
import io.margay.port.Rpc;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.Received;
import io.margay.posix.Sockets;
import io.margay.process.CoreChild;
import io.margay.process.PortRef;
import io.margay.schema.Problem;
import io.margay.testing.Kinds;
import io.margay.testing.Lines;
import io.margay.testing.SchemaFiles;
import io.margay.schema.SchemaRegistry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The controller's requests, with a router that the test plays. */
@Timeout(60)
class RouterLinkTest {

    private static final int SECONDS = 20;
    private static final int ROUTER = 1_000_000_001;
    private static final String GONE = "the router process is not running; main starts it again";

    private final Lines lines = new Lines();
    private final EventLoops loops = EventLoops.create("test", 1, failure -> lines.alert("loop " + failure));
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Fd[] others = new Fd[3];
    private CoreChild child;
    private RouterLink link;
    private Port router;
    private Consumer<Message> answer = message -> { };

    @BeforeEach
    void prepare() {
        Fd[] read = Sockets.seqpacketPair();
        Fd[] main = Sockets.seqpacketPair();
        Fd[] live = Sockets.seqpacketPair();
        others[0] = read[1];
        others[1] = main[1];
        others[2] = live[1];
        String init = "{\"pid\":1000000000,\"read\":" + read[0].release() + ",\"main\":" + main[0].release()
            + ",\"live\":" + live[0].release() + ",\"kinds\":" + Kinds.json() + "}";
        child = call(() -> new CoreChild(init, "controller", Ports.standalone(), loops.loop(0), Rpc.OWNER_CONTROLLER,
            lines));
        SchemaRegistry schemas = new SchemaRegistry();
        SchemaFiles.all().forEach(schemas::put);
        link = new RouterLink(child, schemas::current);
        child.neighbours().whenArrived(this::arrived).whenLeft(entry -> link.left(entry.pid()));
    }

    private void arrived(PortRef port) {
        link.arrived(port);
    }

    @AfterEach
    void close() {
        call(() -> {
            child.table().all().forEach(child.table()::remove);
            child.main().close();
            return 0;
        });
        for (Fd other : others) {
            other.close();
        }
        loops.close();
    }

    private <T> T call(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        loops.loop(0).execute(() -> {
            try {
                result.complete(task.call());
            } catch (Exception | AssertionError e) {
                result.completeExceptionally(e);
            }
        });
        return result.orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    private static String failure(CompletionStage<?> stage) {
        return assertThrows(CompletionException.class, () -> join(stage)).getCause().getMessage();
    }

    /** NEW_PORT from main. */
    private void routerArrives() {
        Fd[] pair = Sockets.seqpacketPair();
        router = call(() -> Port.open(loops.loop(0), pair[0], new ReceiveBuffer(), Port.Limits.DEFAULT,
            new Port.Handler() {
                @Override
                public void message(Port port, Message message) {
                    asked(message);
                }

                @Override
                public void failed(Port port, String reason) {
                    lines.notice(reason);
                }
            }, lines));
        call(() -> {
            child.neighbours().newPort(message(MessageType.NEW_PORT, 0, NewPort.of(0, ROUTER, 3).encode(), pair[1]));
            return 0;
        });
    }

    private static Message message(int type, int stream, byte[] payload, Fd... fds) {
        int[] numbers = new int[fds.length];
        for (int i = 0; i < fds.length; i++) {
            numbers[i] = fds[i].release();
        }
        return new Message(Header.last(type, stream, ROUTER), ByteBuffer.wrap(payload), ROUTER, 0, 0, numbers);
    }

    private void asked(Message message) {
        String text = message.type() == MessageType.CONF_APPLY ? text(LargePayload.receive(message, "test", 1 << 20))
            : message.text();
        asked.add(MessageType.name(message.type()) + " " + text);
        answer.accept(message);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void answers(int type, byte[] payload) {
        answer = message -> child.rpc().dispatch(message(type, message.stream(), payload));
    }

    private CompletionStage<Applied> apply(String conf, String... leftOut) {
        LeftOut parts = new LeftOut(leftOut.length > 0 ? Map.of(leftOut[0], "broken") : Map.of(),
            leftOut.length > 1 ? Map.of(leftOut[1], "busy") : Map.of());
        return call(() -> link.apply((ConfObject) ConfParser.parse(bytes(conf)), bytes(conf), parts));
    }

    @Test
    void configurationsTravelWithTheNamesOfWhatIsLeftOut() {
        routerArrives();
        answers(MessageType.RPC_READY, new byte[0]);
        assertEquals(Applied.success(), join(apply("{\"a\":1}")));
        assertEquals(Applied.success(), join(apply("{}", "b\"log", "*:80")));
        assertEquals(List.of("CONF_APPLY {\"leftOut\":[],\"closed\":[],\"configuration\":{\"a\":1}}",
            "CONF_APPLY {\"leftOut\":[\"b\\\"log\"],\"closed\":[\"*:80\"],\"configuration\":{}}"), asked);
        assertEquals(0, (int) call(child.rpc()::pending));
    }

    /** What main is told before the router has a configuration, and when it is in force. */
    @Test
    void mainKnowsTheAccessLogsBeforeTheRouterHasThem() {
        routerArrives();
        answers(MessageType.RPC_READY, new byte[0]);
        assertEquals(Applied.success(), join(apply("{\"access_log\":\"/a\"}", message -> {
            assertEquals("LOG_NAMES /a", message);
            assertEquals(List.of(), asked);
        })));
        assertEquals(Applied.success(), join(apply("{\"access_log\":{\"path\":\"/a\",\"if\":\"x\"}}")));
        answers(MessageType.RPC_ERROR, bytes("no"));
        assertFalse(join(apply("{\"access_log\":{\"path\":\"/b\"}}",
            message -> assertEquals("LOG_NAMES /a\0/b", message))).done());
        answers(MessageType.RPC_READY, new byte[0]);
        assertEquals(Applied.success(), join(apply("{}")));
        assertEquals("LOG_NAMES ", hear().text());
        assertEquals(4, asked.size());
    }

    /** The same, with main's answer to what it is told; so that it is asked for one thing only. */
    private CompletionStage<Applied> apply(String conf, Consumer<String> told) {
        CompletionStage<Applied> applied = apply(conf);
        Told message = hear();
        told.accept(message.text());
        child.loop().execute(() -> child.rpc().dispatch(new Message(Header.last(MessageType.RPC_READY, message.stream(),
            child.mainPid()), ByteBuffer.allocate(0), child.mainPid(), 0, 0, new int[0])));
        return applied;
    }

    private record Told(String text, int stream) {
    }

    private Told hear() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(4096);
            assertTrue(Descriptors.poll(others[1].number(), Descriptors.POLLIN, SECONDS * 1000) > 0, "main is told");
            Received received = Sockets.receive(others[1].number(), memory);
            ByteBuffer bytes = ByteBuffer.wrap(memory.asSlice(0, received.length()).toArray(ValueLayout.JAVA_BYTE));
            Header header = Header.decode(bytes);
            byte[] text = new byte[bytes.remaining()];
            bytes.get(text);
            return new Told(MessageType.name(header.type()) + " " + text(text), header.stream());
        }
    }

    @Test
    void refusalsNameWhatIsToBlameWhenThereIsOne() {
        routerArrives();
        String[][] cases = {{"application\0blog\0no luck", "no luck", "blog", null}, {"plain", "plain", null, null},
            {"listener\0*:80\0busy", "busy", null, "*:80"}, {"", "", null, null},
            {"application\0a\0b\0c", "b\0c", "a", null}, {"other\0a\0b", "b", null, null},
            {"option\0/routes/0\0no zone", "no zone (/routes/0)", null, null, "no zone", "/routes/0"}};
        for (String[] each : cases) {
            answers(MessageType.RPC_ERROR, bytes(each[0]));
            Optional<Problem> problem = each.length < 5 ? Optional.empty()
                : Optional.of(new Problem(each[4], ConfPointer.parse(each[5]), Optional.empty()));
            assertEquals(new Applied(false, each[1], Optional.ofNullable(each[2]), Optional.ofNullable(each[3]),
                problem, true), join(apply("{}")));
        }
    }

    @Test
    void theDeathOfTheRouterEndsWhatWaits() {
        routerArrives();
        CompletionStage<Applied> applied = apply("{}");
        CompletionStage<?> status = call(link::status);
        CompletionStage<?> restart = call(() -> link.restart("blog"));
        assertTrue(call(link::isThere));
        call(() -> {
            child.neighbours().removePid(message(MessageType.REMOVE_PID, 0, new RemovePid(ROUTER).encode()));
            return 0;
        });
        assertEquals(Applied.unjudged("the router process died"), join(applied));
        assertEquals("the router process died", failure(status));
        assertEquals("the router process died", failure(restart));
        assertFalse(call(link::isThere));
        assertEquals(GONE, assertThrows(CompletionException.class, () -> apply("{}")).getCause().getMessage());
        assertEquals(0, (int) call(child.rpc()::pending));
        routerArrives();
        answers(MessageType.RPC_READY, new byte[0]);
        assertEquals(Applied.success(), join(apply("{}")));
    }

    @Test
    void aPortThatIsClosedIsARouterThatIsGone() {
        routerArrives();
        call(() -> {
            router.close();
            return 0;
        });
        assertEquals(GONE, assertThrows(CompletionException.class, () -> apply("{}")).getCause().getMessage());
        assertEquals(0, (int) call(child.rpc()::pending));
    }

    @Test
    void theStatusIsParsed() {
        routerArrives();
        byte[] json = bytes("{\"requests\":{\"total\":3}}");
        answer = message -> child.rpc().dispatch(message(MessageType.RPC_READY, message.stream(),
            LargePayload.length(json.length), Files.sealedMemory("status", json)));
        assertEquals(text(json), text(ConfWriter.compact(join(call(link::status)))));
        byte[] wrong = bytes("[]");
        answer = message -> child.rpc().dispatch(message(MessageType.RPC_READY, message.stream(),
            LargePayload.length(wrong.length), Files.sealedMemory("status", wrong)));
        assertThrows(CompletionException.class, () -> join(call(link::status)));
        answers(MessageType.RPC_READY, new byte[3]);
        assertEquals("status: unexpected buffer size (3)", failure(call(link::status)));
    }

    @Test
    void previewsAreAskedForAsSuch() {
        routerArrives();
        byte[] json = bytes("{\"listeners\":{}}");
        answer = message -> child.rpc().dispatch(message(MessageType.RPC_READY, message.stream(),
            LargePayload.length(json.length), Files.sealedMemory("preview", json)));
        LeftOut leftOut = new LeftOut(Map.of("b", ""), Map.of());
        assertEquals(text(json), text(ConfWriter.compact(join(call(() -> link.preview(bytes("{}"), leftOut))))));
        assertEquals(List.of("CONF_APPLY {\"leftOut\":[\"b\"],\"closed\":[],\"preview\":true,"
            + "\"configuration\":{}}"), asked);
        answers(MessageType.RPC_ERROR, bytes("no luck"));
        assertEquals("no luck", failure(call(() -> link.preview(bytes("{}"), LeftOut.NOTHING))));
    }

    @Test
    void restartsNameTheApplication() {
        routerArrives();
        answers(MessageType.RPC_READY, new byte[0]);
        join(call(() -> link.restart("bl\u00f6g")));
        answers(MessageType.RPC_ERROR, bytes("unknown application"));
        assertEquals("unknown application", failure(call(() -> link.restart("x"))));
        assertEquals(List.of("APP_RESTART bl\u00f6g", "APP_RESTART x"), asked);
    }
}

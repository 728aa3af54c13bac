// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.controller.Revision;
import io.margay.controller.Stored;
import io.margay.engine.EventLoops;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.Port;
import io.margay.port.Ports;
import io.margay.port.ReceiveBuffer;
import io.margay.port.Rpc;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.Sockets;
import io.margay.process.CoreChild;
import io.margay.store.ChangeNote;
import io.margay.testing.Kinds;
import io.margay.testing.Lines;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the controller asks main for, with a main that the test plays. */
@Timeout(60)
class MainLinkTest {

    private static final int SECONDS = 20;
    private static final int MAIN = 1_000_000_000;

    private final Lines lines = new Lines();
    private final EventLoops loops = EventLoops.create("test", 1, failure -> lines.alert("loop " + failure));
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Fd[] others = new Fd[2];
    private final CoreChild child = on(this::child);
    private final MainLink link = new MainLink(child, lines);
    private Port main;
    private byte[] answer = {};
    private boolean large;
    private int type = MessageType.RPC_READY;

    private CoreChild child() {
        Fd[] read = Sockets.seqpacketPair();
        Fd[] up = Sockets.seqpacketPair();
        Fd[] live = Sockets.seqpacketPair();
        others[0] = read[1];
        others[1] = live[1];
        main = Port.open(loops.loop(0), up[1], new ReceiveBuffer(), Port.Limits.DEFAULT, new Port.Handler() {
            @Override
            public void message(Port port, Message message) {
                asked(message);
            }

            @Override
            public void failed(Port port, String reason) {
                lines.notice(reason);
            }
        }, lines);
        return new CoreChild("{\"pid\":" + MAIN + ",\"read\":" + read[0].release() + ",\"main\":" + up[0].release()
            + ",\"live\":" + live[0].release() + ",\"kinds\":" + Kinds.json() + "}", "controller", Ports.standalone(),
                loops.loop(0),
            Rpc.OWNER_CONTROLLER, lines);
    }

    @AfterEach
    void close() {
        on(() -> {
            main.close();
            child.main().close();
            return 0;
        });
        others[0].close();
        others[1].close();
        loops.close();
    }

    private <T> T on(Callable<T> task) {
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

    private void asked(Message message) {
        String text = message.type() == MessageType.CONF_STORE
            ? new String(LargePayload.receive(message, "test", 1 << 20), StandardCharsets.UTF_8) : message.text();
        asked.add(MessageType.name(message.type()) + " " + text);
        int[] fds = large ? new int[] {Files.sealedMemory("test", answer).release()} : new int[0];
        child.rpc().dispatch(new Message(Header.last(type, message.stream(), MAIN),
            ByteBuffer.wrap(large ? LargePayload.length(answer.length) : answer), MAIN, 0, 0, fds));
    }

    private <T> T ask(String reply, Function<MainLink, CompletionStage<T>> question) {
        answer = reply.getBytes(StandardCharsets.UTF_8);
        CompletionStage<T> stage = on(() -> question.apply(link));
        T result = stage.toCompletableFuture().orTimeout(SECONDS, TimeUnit.SECONDS).join();
        assertEquals(0, (int) on(child.rpc()::pending));
        return result;
    }

    private String failure(String reply, Function<MainLink, CompletionStage<?>> question) {
        CompletionException thrown = assertThrows(CompletionException.class, () -> ask(reply, main ->
            question.apply(main).thenApply(value -> value)));
        return thrown.getCause().getMessage();
    }

    private static CompletionStage<Stored> store(MainLink link) {
        return link.store("{}".getBytes(StandardCharsets.UTF_8), new ChangeNote("PUT", "/config", ConfObject.EMPTY));
    }

    @Test
    void configurationsAreStoredWithTheirNotes() {
        assertEquals(new Stored(OptionalLong.of(42), ""), ask("42", MainLinkTest::store));
        assertEquals(List.of("CONF_STORE {\"method\":\"PUT\",\"path\":\"/config\",\"peer\":{}}\n{}"), asked);
        assertEquals(new Stored(OptionalLong.empty(), "no room"), ask("\0no room", MainLinkTest::store));
        assertTrue(failure("x", MainLinkTest::store).contains("x"));
        type = MessageType.RPC_ERROR;
        assertEquals("disk full", failure("disk full", MainLinkTest::store));
    }

    @Test
    void revisionsAreRead() {
        assertEquals(List.of(), ask("", MainLink::revisions));
        assertEquals(Optional.empty(), ask("", main -> main.revision(7)));
        large = true;
        assertEquals("[{\"number\":1}]", ask("[{\"number\":1}]", MainLink::revisions).stream()
            .map(ConfWriter::compactText).toList().toString());
        Revision revision = ask("{\"number\":7}\n{\"a\":\"\n\"}", main -> main.revision(7)).orElseThrow();
        assertEquals("{\"number\":7}", ConfWriter.compactText(revision.note()));
        assertEquals("{\"a\":\"\n\"}", new String(revision.configuration(), StandardCharsets.UTF_8));
        assertEquals(List.of("QUERY revisions", "QUERY revision 7", "QUERY revisions", "QUERY revision 7"), asked);
    }

    /** Nothing that main sends leaves a request without an end. */
    @Test
    void damagedAnswersAreFailures() {
        large = true;
        for (String text : new String[] {"", "{", "{}", "[1]"}) {
            failure(text, MainLink::revisions);
        }
        for (String text : new String[] {"", "{", "[]\n", "{}"}) {
            failure(text, main -> main.revision(1));
        }
        large = false;
        failure("x", MainLink::revisions);
        failure("x", main -> main.uid("adam"));
    }

    @Test
    void usersHaveNumbers() {
        assertEquals(OptionalInt.of(-2), ask("4294967294", main -> main.uid("adam")));
        assertEquals(OptionalInt.empty(), ask("", main -> main.uid("eve")));
        assertEquals(List.of("QUERY uid adam", "QUERY uid eve"), asked);
    }

    @Test
    void aMainThatIsGoneIsSaidSo() {
        on(() -> {
            main.close();
            return 0;
        });
        assertEquals("main takes no requests", failure("", main -> main.uid("adam")));
        assertEquals("main takes no requests", failure("", MainLinkTest::store));
    }
}

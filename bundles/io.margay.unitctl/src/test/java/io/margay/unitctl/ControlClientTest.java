// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.posix.Address;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class ControlClientTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private static ControlClient client(String address, ControlClient.Wait wait) throws ToolException {
        return new ControlClient(ControlAddress.parse(address), wait, PATIENCE);
    }

    @Test
    void tcpIsSpokenToo() throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (FakeServer server = new FakeServer(any, seen -> FakeServer.answer(200, "{}", "ETag: \"x\""))) {
            int port = ((InetSocketAddress) server.address()).getPort();
            for (String address : new String[] {"127.0.0.1:" + port, "*:" + port, "http://localhost:" + port + "/"}) {
                ServerReply reply = client(address, ControlClient.Wait.NONE).ask(ToolRequest.get("/a"));
                assertEquals("\"x\"", reply.etag().orElseThrow());
            }
            assertEquals(3, server.seen().size());
        }
    }

    @Test
    void abstractSocketsAreReached() throws Exception {
        String name = "unitctl-test-" + ProcessHandle.current().pid();
        byte[] body = new byte[300_000];
        java.util.Arrays.fill(body, (byte) 'x');
        try (Fd listener = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0)) {
            Sockets.bind(listener, new Address.Unix("@" + name));
            Sockets.listen(listener, 5);
            CompletableFuture<Integer> length = CompletableFuture.supplyAsync(() -> answer(listener),
                Thread::startVirtualThread);
            ServerReply reply = client("unix:@" + name, ControlClient.Wait.NONE)
                .ask(ToolRequest.of("PUT", "/config", body));
            assertEquals("{\"a\":1}", new String(reply.body(), StandardCharsets.UTF_8));
            assertTrue(length.get() > body.length, "head and body arrived");
        }
    }

    /** Reads until the body is complete, which its length tells, and answers. */
    private static int answer(Fd listener) {
        try (Fd peer = Sockets.accept(listener, false).orElseThrow(); Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(1 << 16);
            int all = 0;
            while (all < 300_000 || Descriptors.readable(peer.number()) > 0) {
                all += Sockets.receiveWaiting(peer.number(), buffer).length();
            }
            byte[] text = FakeServer.ok("{\"a\":1}").getBytes(StandardCharsets.US_ASCII);
            MemorySegment.copy(MemorySegment.ofArray(text), 0, buffer, 0, text.length);
            Sockets.send(peer.number(), buffer, 0, text.length, new int[0]);
            return all;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unix:@unitctl-nobody", "127.0.0.1:1", "unix:/nonexistent/s"})
    void nobodyThereIsNotReachable(String address) throws ToolException {
        ControlClient client = client(address, ControlClient.Wait.NONE);
        ToolException failure = assertThrows(ToolException.class, () -> client.ask(ToolRequest.get("/")));
        assertEquals(ToolException.UNREACHABLE, failure.code());
        assertTrue(failure.getMessage().startsWith("cannot connect to " + address + ": "), failure.getMessage());
    }

    @Test
    void waitingEndsWhenTheServerListens() throws Exception {
        Path socket = directory.resolve("s");
        CompletableFuture<Void> second = new CompletableFuture<>();
        ControlClient client = client("unix:" + socket, new ControlClient.Wait(1, 30, number -> second.complete(null)));
        CompletableFuture<Integer> status = CompletableFuture.supplyAsync(() -> {
            try {
                return client.send(ToolRequest.get("/")).status();
            } catch (ToolException e) {
                throw new IllegalStateException(e);
            }
        }, Thread::startVirtualThread);
        second.get();
        try (FakeServer server = FakeServer.at(socket, seen -> FakeServer.ok("{}"))) {
            assertEquals(200, status.get());
            assertEquals(1, server.seen().size());
        }
    }

    @Test
    void waitingHasAnEnd() throws Exception {
        AtomicInteger tries = new AtomicInteger(1);
        ControlClient client = client("unix:" + directory.resolve("s"),
            new ControlClient.Wait(1, 2, tries::set));
        long start = System.nanoTime();
        assertThrows(ToolException.class, () -> client.send(ToolRequest.get("/")));
        assertEquals(2, tries.get());
        assertTrue(System.nanoTime() - start >= 1_900_000_000L, "two tries of a second");
    }

    @Test
    void aSilentServerIsLeft() throws Exception {
        Path socket = directory.resolve("s");
        CompletableFuture<String> never = new CompletableFuture<>();
        try (FakeServer server = FakeServer.at(socket, seen -> never.join())) {
            ControlClient client = client("unix:" + socket, ControlClient.Wait.NONE).impatient(Duration.ofMillis(200));
            ToolException failure = assertThrows(ToolException.class, () -> client.send(ToolRequest.get("/")));
            assertEquals(ToolException.UNREACHABLE, failure.code());
            assertTrue(failure.getMessage().contains("no complete answer within"), failure.getMessage());
            assertEquals(1, server.seen().size());
            never.complete("");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\n", "GARBAGE\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}"})
    void cutAnswersAreErrors(String answer) {
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        assertThrows(IOException.class, () -> ServerReply.parse(bytes));
    }

    @ParameterizedTest
    @CsvSource({"unix:/a/b, unix:/a/b", "/a/b, unix:/a/b", "unix:@x, unix:@x", "*:8, 127.0.0.1:8", "h:8, h:8",
        "[::1]:80, [::1]:80", "http://h:8/, h:8", "http://[::1]:8, [::1]:8"})
    void addresses(String text, String meaning) throws ToolException {
        assertEquals(meaning, ControlAddress.parse(text).text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "unix:", "unix:@", "localhost", ":80", "a:b", "a:99999", "a:0", "::1:80", "h:80/x",
        "https://h:80", "a b:80", "unix:/\0"})
    void wrongAddresses(String text) {
        assertEquals(ToolException.USAGE, assertThrows(ToolException.class, () -> ControlAddress.parse(text)).code());
    }

    @ParameterizedTest
    @CsvSource({"a, a", "*:80, *:80", "a/b c, a%2fb%20c", "\u00e9%, %c3%a9%25", "., %2e", ".., %2e%2e", "a.b, a.b",
        "x?y#z, x%3fy%23z"})
    void segments(String name, String segment) {
        assertEquals(segment, ToolRequest.segment(name));
    }
}

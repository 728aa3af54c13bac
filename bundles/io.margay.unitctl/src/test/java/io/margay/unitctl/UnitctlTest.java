// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class UnitctlTest {
    private static final Executor THREADS = Thread::startVirtualThread;

    @TempDir
    private Path directory;

    /** Answers one connection and returns what came. */
    private CompletableFuture<String> serve(String reply, String lastBytes) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(directory.resolve("s")));
        return CompletableFuture.supplyAsync(() -> {
            try (server; SocketChannel channel = server.accept()) {
                ByteArrayOutputStream request = new ByteArrayOutputStream();
                ByteBuffer part = ByteBuffer.allocate(1024);
                while (!request.toString(StandardCharsets.UTF_8).endsWith(lastBytes) && channel.read(part) >= 0) {
                    request.write(part.array(), 0, part.position());
                    part.clear();
                }
                channel.write(ByteBuffer.wrap(reply.getBytes(StandardCharsets.UTF_8)));
                return request.toString(StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new CompletionException(e);
            }
        }, THREADS);
    }

    private int run(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "--control";
        all[1] = "unix:" + directory.resolve("s");
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return Unitctl.execute(all);
    }

    @ParameterizedTest
    @CsvSource({
        "status, , GET /status",
        "listeners, , GET /config/listeners",
        "apps, , GET /config/applications",
        "get, /config/a%20b, GET /config/a%20b",
        "delete, /config/routes, DELETE /config/routes",
        "restart, my/app 1, GET /control/applications/my%2Fapp%201/restart"
    })
    void commandsAreRequests(String command, String argument, String line) throws IOException {
        CompletableFuture<String> request = serve("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "\r\n\r\n");
        assertEquals(0, argument == null ? run(command) : run(command, argument));
        assertEquals(line + " HTTP/1.1", request.join().lines().findFirst().orElseThrow());
    }

    @Test
    void aFileIsTheBody() throws IOException {
        Path file = Files.writeString(directory.resolve("f.json"), "{\"\u00e9\":1}");
        CompletableFuture<String> request = serve("HTTP/1.1 200 OK\r\n\r\n{}", "}");
        assertEquals(0, run("put", "/config", file.toString()));
        assertTrue(request.join().endsWith("Content-Length: 8\r\n\r\n{\"\u00e9\":1}"), request.join());
    }

    @Test
    void aRefusalIsCodeOne() throws IOException {
        serve("HTTP/1.1 404 Not Found\r\nContent-Length: 14\r\n\r\n{\"error\":\"no\"}", "\r\n\r\n");
        assertEquals(1, run("get", "/x"));
    }

    @Test
    void noServerIsCodeOne() {
        assertEquals(1, run("status"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bogus", "get", "--wait=x"})
    void wrongUsageIsCodeTwo(String argument) {
        assertEquals(2, run(argument));
    }

    @Test
    void waitingEndsWhenTheServerListens() throws Exception {
        ControlClient client = new ControlClient("unix:" + directory.resolve("s"), Duration.ofSeconds(20));
        CompletableFuture<Reply> reply = CompletableFuture.supplyAsync(() -> {
            try {
                return client.send("GET", "/", new byte[0]);
            } catch (IOException e) {
                throw new CompletionException(e);
            }
        }, THREADS);
        serve("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "\r\n\r\n");
        assertEquals(new Reply(200, "{}"), reply.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\n", "GARBAGE\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}"})
    void cutAnswersAreErrors(String answer) {
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        assertThrows(IOException.class, () -> Reply.parse(bytes));
    }

    @ParameterizedTest
    @ValueSource(strings = {"unix:@name", "localhost", ":80", "a:b", "a:99999"})
    void wrongAddressesAreErrors(String address) {
        assertThrows(IOException.class, () -> ControlClient.target(address));
    }

    @ParameterizedTest
    @ValueSource(strings = {"config", "", "/a b", "/a\r\nX: y"})
    void aPathCannotBreakTheRequest(String path) {
        assertEquals(1, run("get", path));
    }
}

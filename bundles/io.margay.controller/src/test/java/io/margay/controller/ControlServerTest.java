// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.posix.Address;
import io.margay.posix.Fd;
import io.margay.posix.Sockets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ControlServerTest {
    private static final ControlLimits LIMITS = new ControlLimits(16 << 10, 1 << 20, 2 << 20, 3, 1_000, 1_000, 1_000);

    @TempDir
    private Path folder;

    private EventLoops loops;
    private Bench bench;
    private ControlServer server;

    @BeforeEach
    void open() throws Exception {
        loops = EventLoops.create("control", 1);
        EventLoop loop = loops.loop(0);
        bench = new Bench(loop);
        Fd listening = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK, 0);
        Sockets.bind(listening, Address.parse("unix:" + folder + "/s"));
        Sockets.listen(listening, 16);
        CompletableFuture<ControlServer> opened = new CompletableFuture<>();
        loop.execute(() -> bench.api.start(Optional.empty(), () -> { })
            .thenCompose(ignored -> ControlServer.open(loop, listening, true, bench.api, LIMITS, "1.35.0"))
            .whenComplete((value, failure) -> {
                if (failure == null) {
                    opened.complete(value);
                } else {
                    opened.completeExceptionally(failure);
                }
            }));
        server = opened.get(20, TimeUnit.SECONDS);
    }

    @AfterEach
    void close() throws Exception {
        server.close().toCompletableFuture().get(20, TimeUnit.SECONDS);
        loops.close();
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("s")));
    }

    private static void send(SocketChannel client, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.replace("~", "\r\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }

    private static String receive(SocketChannel client) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        while (client.read(buffer.clear()) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
        }
        return all.toString(StandardCharsets.UTF_8).replace("\r\n", "~");
    }

    private String exchange(String text) throws IOException {
        try (SocketChannel client = connect()) {
            send(client, text);
            return receive(client);
        }
    }

    @Test
    void repliesHaveTheirHeadInOrder() throws IOException {
        String reply = exchange("PUT /config HTTP/1.1~Content-Length: 2~~{}");
        assertTrue(reply.matches("HTTP/1.1 200 OK~Server: Unit/1.35.0~Date: \\w{3}, \\d\\d \\w{3} \\d{4} [\\d:]{8} GMT~"
            + "Content-Type: application/json~Content-Length: 43~Connection: close~~"
            + "\\{~\t\"success\": \"Reconfiguration done.\"~}~"), reply);
        assertTrue(bench.log.getLast().matches("info configuration changed: PUT /config by uid \\d+, pid \\d+"),
            bench.log.getLast());
    }

    @Test
    void aClientMayEndItsSideFirst() throws IOException {
        try (SocketChannel client = connect()) {
            send(client, "GET /config/routes HTTP/1.0~~");
            client.shutdownOutput();
            assertTrue(receive(client).endsWith("~~[]~"));
        }
    }

    @Test
    void refusalsReachTheClientBeforeItsContentDoes() throws IOException {
        String reply = exchange("PUT /config HTTP/1.1~Content-Length: 9999999~~" + " ".repeat(100_000));
        assertTrue(reply.startsWith("HTTP/1.1 400 Bad Request~"), reply);
        assertTrue(reply.contains("exceeds 1048576 bytes."), reply);
    }

    @Test
    void silentClientsAreClosedWithoutAReply() throws IOException {
        try (SocketChannel client = connect()) {
            send(client, "GET / HT");
            assertEquals("", receive(client));
        }
        try (SocketChannel client = connect()) {
            send(client, "PUT / HTTP/1.1~Content-Length: 10~~12");
            assertEquals("", receive(client));
        }
    }

    @Test
    void connectionsAreCountedDownAgain() throws IOException {
        SocketChannel[] held = {connect(), connect(), connect()};
        assertEquals("", receiveRefused());
        for (SocketChannel client : held) {
            client.close();
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        String reply = "";
        while (reply.isEmpty() && System.nanoTime() < end) {
            reply = receiveRefused();
        }
        assertTrue(reply.startsWith("HTTP/1.1 200 OK"), reply);
    }

    /** The reply, or nothing when the server closed first. */
    private String receiveRefused() {
        try {
            return exchange("GET /config HTTP/1.1~~");
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void aLargeContentArrives() throws IOException {
        String conf = "{\"routes\":[]," + " ".repeat(900_000) + "\"listeners\":{}}";
        String reply = exchange("PUT /config HTTP/1.1~Content-Length: " + conf.length() + "~~" + conf);
        assertTrue(reply.startsWith("HTTP/1.1 200 OK"), reply);
    }
}

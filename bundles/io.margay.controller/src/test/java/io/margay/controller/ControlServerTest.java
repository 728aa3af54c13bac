// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.control.AccessPolicy;
import io.margay.control.ControlLimits;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import io.margay.control.ControlServer;
import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.posix.Address;
import io.margay.posix.Fd;
import io.margay.posix.Sockets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.SubmissionPublisher;
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
        bench = new Bench(loops.loop(0));
        Fd listening = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK, 0);
        Sockets.bind(listening, Address.parse("unix:" + folder + "/s"));
        server = serve(bench, listening, true);
    }

    private ControlServer serve(Bench served, Fd listening, boolean unix) throws Exception {
        EventLoop loop = loops.loop(0);
        Sockets.listen(listening, 16);
        CompletableFuture<ControlServer> opened = new CompletableFuture<>();
        loop.execute(() -> served.plane.start(Optional.empty(), () -> { })
            .thenCompose(ignored -> ControlServer.open(loop, listening, unix, served.api, LIMITS, "1.35.0"))
            .whenComplete((value, failure) -> {
                if (failure == null) {
                    opened.complete(value);
                } else {
                    opened.completeExceptionally(failure);
                }
            }));
        return opened.get(20, TimeUnit.SECONDS);
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
        String line = "info configuration changed: PUT /config by uid \\d+, gid \\d+, pid \\d+";
        assertTrue(bench.log.getLast().matches(line), bench.log.getLast());
    }

    @Test
    void aClientMayEndItsSideFirst() throws IOException {
        try (SocketChannel client = connect()) {
            send(client, "GET /config/routes HTTP/1.0~~");
            client.shutdownOutput();
            assertTrue(receive(client).endsWith("~~[]~"));
        }
    }

    /** The reply comes although the change takes its time after the client has ended its side. */
    @Test
    void aChangeIsAnsweredAfterAHalfClose() throws Exception {
        CompletableFuture<Applied> applied = new CompletableFuture<>();
        CompletableFuture<Void> asked = new CompletableFuture<>();
        bench.applier = (conf, without) -> {
            asked.complete(null);
            return applied;
        };
        try (SocketChannel client = connect()) {
            send(client, "PUT /config HTTP/1.1~Content-Length: 2~~{}");
            client.shutdownOutput();
            asked.get(20, TimeUnit.SECONDS);
            applied.complete(Applied.success());
            assertTrue(receive(client).contains("Reconfiguration done."));
        }
    }

    @Test
    void aContentInChunksIsAskedForAndDecoded() throws IOException {
        try (SocketChannel client = connect()) {
            send(client, "PUT /config HTTP/1.1~Transfer-Encoding: chunked~Expect: 100-continue~~");
            String interim = "HTTP/1.1 100 Continue\r\n\r\n";
            ByteBuffer buffer = ByteBuffer.allocate(interim.length());
            while (buffer.hasRemaining()) {
                client.read(buffer);
            }
            assertEquals(interim, new String(buffer.array(), StandardCharsets.US_ASCII));
            send(client, "1;x=y~{~1~}~0~X: y~~");
            String reply = receive(client);
            assertTrue(reply.startsWith("HTTP/1.1 200 OK~") && reply.endsWith("Reconfiguration done.\"~}~"), reply);
        }
        assertEquals("{}", bench.applied.getLast());
    }

    /** What has come in one piece needs no interim reply, and neither does what is refused. */
    @Test
    void noInterimReplyIsSentInVain() throws IOException {
        String expect = "PUT /config HTTP/1.1~Expect: 100-continue~Content-Length: ";
        assertTrue(exchange(expect + "2~~{}").startsWith("HTTP/1.1 200 OK~"));
        assertTrue(exchange(expect + "1048577~~").startsWith("HTTP/1.1 400 Bad Request~"));
        assertTrue(exchange("GET /config HTTP/1.1~Expect: 100-continue~~").startsWith("HTTP/1.1 200 OK~"));
        assertTrue(exchange("PUT /config HTTP/1.0~Expect: 100-continue~Content-Length: 2~~").isEmpty());
    }

    @Test
    void whatHasNotChangedIsNotSentAgain() throws IOException {
        String first = exchange("GET /config/routes HTTP/1.1~~");
        String tag = first.replaceAll("(?s).*~ETag: (\"[0-9a-f]{32}\")~~.*", "$1");
        String again = exchange("GET /config/routes HTTP/1.1~If-None-Match: " + tag + "~~");
        assertTrue(again.matches("HTTP/1.1 304 Not Modified~Server: Unit/1.35.0~Date: [^~]*~Connection: close~ETag: "
            + tag + "~~"), again);
    }

    @Test
    void refusalsReachTheClientBeforeItsContentDoes() throws IOException {
        String reply = exchange("PUT /config HTTP/1.1~Content-Length: 9999999~~" + " ".repeat(100_000));
        assertTrue(reply.startsWith("HTTP/1.1 400 Bad Request~"), reply);
        assertTrue(reply.contains("exceeds 1048576 bytes."), reply);
    }

    @Test
    void aStreamIsSentPieceByPieceAndCancelledWhenItsClientGoes() throws Exception {
        Pieces pieces = new Pieces();
        bench.resources.add(pieces, Map.of());
        try (SocketChannel client = connect()) {
            send(client, "GET /control/pieces HTTP/1.1~~");
            pieces.publisher.get(20, TimeUnit.SECONDS).submit("one ".getBytes(StandardCharsets.UTF_8));
            pieces.publisher.get().submit("two".getBytes(StandardCharsets.UTF_8));
            pieces.publisher.get().close();
            String reply = receive(client);
            assertTrue(reply.matches("HTTP/1.1 200 OK~Server: Unit/1.35.0~Date: [^~]*~Content-Type: text/event-stream~"
                + "Connection: close~~one two"), reply);
        }
        pieces.publisher = new CompletableFuture<>();
        try (SocketChannel client = connect()) {
            send(client, "GET /control/pieces HTTP/1.1~~");
            assertTrue(pieces.publisher.get(20, TimeUnit.SECONDS).hasSubscribers());
        }
        while (pieces.publisher.get().hasSubscribers()) {
            pieces.publisher.get().submit(new byte[1]);
            Thread.onSpinWait();
        }
    }

    /** Events that a test makes. */
    private static final class Pieces implements ControlResource {
        private volatile CompletableFuture<SubmissionPublisher<byte[]>> publisher = new CompletableFuture<>();

        @Override
        public String prefix() {
            return "/control/pieces";
        }

        @Override
        public CompletionStage<ControlReply> handle(ControlRequest request) {
            SubmissionPublisher<byte[]> source = new SubmissionPublisher<>();
            return CompletableFuture.completedFuture(ControlReply.stream("text/event-stream", subscriber -> {
                source.subscribe(subscriber);
                publisher.complete(source);
            }));
        }
    }

    /** Takes ten bytes. */
    private static final class Small implements ControlResource {

        @Override
        public String prefix() {
            return "/control/small";
        }

        @Override
        public int maxContent() {
            return 10;
        }

        @Override
        public CompletionStage<ControlReply> handle(ControlRequest request) {
            return CompletableFuture.completedFuture(ControlReply.success("Ok"));
        }
    }

    @Test
    void aResourceMayTakeLessThanTheServer() throws IOException {
        bench.resources.add(new Small(), Map.of());
        String reply = exchange("PUT /control/small HTTP/1.1~Content-Length: 11~~");
        assertTrue(reply.startsWith("HTTP/1.1 413 Content Too Large~"), reply);
        assertTrue(reply.contains("The request content exceeds 10 bytes."), reply);
        reply = exchange("PUT /control/small HTTP/1.1~Transfer-Encoding: chunked~~B~");
        assertTrue(reply.startsWith("HTTP/1.1 413 Content Too Large~"), reply);
        assertTrue(exchange("PUT /control/small HTTP/1.1~Content-Length: 10~~0123456789").startsWith("HTTP/1.1 200 "));
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

    /** Over TCP nobody is exempt from a policy: of three connections one is for others. */
    @Test
    void aPolicyKeepsRoomForItsMasters() throws Exception {
        AccessPolicy open = new AccessPolicy(true, true, 0, List.of());
        Fd listening = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK, 0);
        Sockets.bind(listening, new Address.Ip4(0x7F000001, 0));
        SocketAddress address = new InetSocketAddress("127.0.0.1",
            ((Address.Ip4) Sockets.localAddress(listening)).port());
        ControlServer guarded = serve(new Bench(loops.loop(0), open), listening, false);
        try (SocketChannel first = SocketChannel.open(address); SocketChannel second = SocketChannel.open(address)) {
            assertEquals(-1, second.read(ByteBuffer.allocate(1)));
            send(first, "GET /config/routes HTTP/1.1~~");
            assertTrue(receive(first).endsWith("~~[]~"));
        } finally {
            guarded.close().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
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

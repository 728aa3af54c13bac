// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies of requests go on to a server as they come. */
@Timeout(300)
class ProxyUploadIT {
    private static final int PART = 1 << 20;
    private static final int PARTS = 1024;

    private static TestServer server;
    private static Origin origin;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking();
        origin = Origin.tcp(ProxyUploadIT::serve);
        port = Distribution.freePorts(1).getFirst();
        server.control().apply("/config", """
            {"settings": {"http": {"max_body_size": 2000000000, "chunked_transform": true, "body_read_timeout": 2}},
             "listeners": {"127.0.0.1:%d": {"pass": "routes"}},
             "routes": [{"match": {"uri": "/own"}, "action": {"return": 200}},
                        {"action": {"proxy": "http://127.0.0.1:%d"}}]}""".formatted(port, origin.port()));
    }

    @AfterAll
    static void stop() throws IOException {
        origin.close();
        server.close();
    }

    private static void serve(Origin.Call call) throws IOException {
        switch (call.target()) {
            case "/sum" -> {
                CRC32C sum = new CRC32C();
                long size = 0;
                if (call.field("Transfer-Encoding").isEmpty()) {
                    long left = Long.parseLong(call.field("Content-Length"));
                    for (; left > 0; left -= PART) {
                        byte[] part = call.read((int) Math.min(left, PART));
                        sum.update(part);
                        size += part.length;
                    }
                } else {
                    byte[] body = call.body();
                    sum.update(body);
                    size = body.length;
                }
                call.answer(size + " " + sum.getValue());
            }
            case "/parts" -> {
                // Each part is answered before the next one comes.
                call.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
                for (int i = 0; i < 3; i++) {
                    call.send(call.read(3));
                }
            }
            case "/refuse" -> {
                call.send("HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                call.close();
            }
            case "/never" -> call.awaitEnd();
            case "/stopped" -> {
                synchronized (origin) {
                    try {
                        origin.wait(60_000);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
                call.answer(String.valueOf(call.body().length));
            }
            default -> call.answer(call.head());
        }
    }

    private static byte[] part(int number) {
        byte[] part = new byte[PART];
        Arrays.fill(part, (byte) number);
        part[number % PART] = 1;
        return part;
    }

    /** Kilobytes. */
    private static long resident(long process) throws IOException {
        return Files.readString(Path.of("/proc/" + process + "/status")).lines()
            .filter(line -> line.startsWith("VmRSS:")).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst().orElseThrow();
    }

    @Test
    void aGigabyteNeedsNoMemoryAndNoFile() throws Exception {
        long router = server.await("unit: router");
        assertEquals(200, Http.get(port, "/").status());
        long before = resident(router);
        long most = 0;
        CRC32C sum = new CRC32C();
        try (Http http = Http.tcp(port)) {
            http.send("POST /sum HTTP/1.1\r\nHost: h\r\nContent-Length: " + (long) PARTS * PART + "\r\n\r\n");
            for (int i = 0; i < PARTS; i++) {
                byte[] part = part(i);
                sum.update(part);
                http.send(part);
                if (i % 64 == 0) {
                    most = Math.max(most, resident(router));
                }
            }
            assertEquals((long) PARTS * PART + " " + sum.getValue(), http.response(false).text());
            assertEquals(200, http.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status(), "the connection is kept");
        }
        assertTrue(most - before < 64 << 10, "it has grown from " + before + " to " + most + " KiB");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 70_000, 3_000_000})
    void chunksGoOnAsChunks(int size) throws Exception {
        byte[] body = new byte[size];
        Arrays.fill(body, (byte) 'c');
        CRC32C sum = new CRC32C();
        sum.update(body);
        try (Http http = Http.tcp(port)) {
            http.send("POST /sum HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int at = 0; at < size; at += 50_000) {
                int length = Math.min(50_000, size - at);
                http.send(Integer.toHexString(length) + "\r\n");
                http.send(Arrays.copyOfRange(body, at, at + length));
                http.send("\r\n");
            }
            http.send("0\r\n\r\n");
            assertEquals(size + " " + sum.getValue(), http.response(false).text());
        }
    }

    @Test
    void partsAndTheirAnswersCrossEachOther() throws Exception {
        try (Http http = Http.tcp(port)) {
            http.send("POST /parts HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n");
            assertEquals(100, http.response(true).status());
            http.send("abc");
            var answer = http.later();
            Await.until("the server has it", () -> origin.heads().stream().anyMatch(head -> head.contains("/parts")));
            http.send("def");
            http.send("ghi");
            assertEquals("abcdefghi", answer.get(60, TimeUnit.SECONDS).text());
        }
    }

    @Test
    void anEarlyAnswerEndsAnUpload() throws Exception {
        try (Http http = Http.tcp(port)) {
            http.send("POST /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nabc");
            Response response = http.response(false);
            assertEquals(413, response.status());
            assertEquals("close", response.header("Connection").orElse(""));
        }
        try (Http http = Http.tcp(port)) {
            http.send("POST /own HTTP/1.1\r\nHost: h\r\nContent-Length: 20\r\n\r\nabc");
            http.send("x".repeat(17));
            assertEquals(200, http.response(false).status());
            assertEquals(200, http.exchange("GET /own HTTP/1.1\r\nHost: h\r\n\r\n").status(),
                "other actions have the whole body before");
        }
    }

    @Test
    void aServerThatTakesNothingSlowsTheClientDown() throws Exception {
        AtomicInteger sent = new AtomicInteger();
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread client = Thread.ofPlatform().start(() -> {
            try (Http http = Http.tcp(port)) {
                http.send("POST /stopped HTTP/1.1\r\nHost: h\r\nContent-Length: " + 60 * PART + "\r\n\r\n");
                for (int i = 0; i < 60; i++) {
                    http.send(part(i));
                    sent.incrementAndGet();
                }
                answer.complete(http.response(false).text());
            } catch (IOException e) {
                answer.completeExceptionally(e);
            }
        });
        Await.until("the server has the request", () ->
            origin.heads().stream().anyMatch(head -> head.contains("/stopped")));
        for (int i = 0; i < 20; i++) {
            assertEquals(200, Http.get(port, "/own").status());
        }
        assertTrue(sent.get() < 50, "what the server does not take stays with the client: " + sent);
        Await.until("the server goes on, and all of it arrives", () -> {
            synchronized (origin) {
                origin.notifyAll();
            }
            return answer.isDone();
        });
        assertEquals(String.valueOf(60 * PART), answer.get());
        client.join();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 100\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"})
    void aClientThatStopsGets408(String rest) throws Exception {
        try (Http http = Http.tcp(port)) {
            http.send("POST /never HTTP/1.1\r\nHost: h\r\n" + rest);
            assertEquals(408, http.response(false).status());
            assertTrue(http.closed());
        }
    }

    @Test
    void aBadChunkGets400AndNothingOfItIsPassedOn() throws Exception {
        try (Http http = Http.tcp(port)) {
            http.send("POST /never HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
                + "0\r\nGET /smuggled HTTP/1.1\r\n\r\n");
            assertEquals(400, http.response(false).status());
        }
        assertTrue(origin.heads().stream().noneMatch(head -> head.contains("smuggled")));
        Await.until("its connection to the server is ended", () -> Http.get(port, "/").text().startsWith("GET "));
    }

    @Test
    void aClientThatLeavesInTheMiddleIsLeft() throws Exception {
        try (Http http = Http.tcp(port)) {
            http.send("POST /never HTTP/1.1\r\nHost: left\r\nContent-Length: 100\r\n\r\nabc");
            Await.until("the server has it", () -> origin.heads().stream().anyMatch(head -> head.contains("left")));
        }
        Await.until("the server's connections are those kept", () -> origin.open() <= 3);
        assertTrue(Http.get(port, "/x").text().startsWith("GET /x "));
    }
}

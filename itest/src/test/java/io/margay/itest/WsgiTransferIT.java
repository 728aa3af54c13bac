// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies up to 100 MB through a Flask application, both ways, with checksums ({@code spec/http.md §6}). */
@Timeout(120)
class WsgiTransferIT {
    private static final int LARGE = 100_000_000;
    /** What the download of the application repeats. */
    private static final int BLOCK = 1 << 16;

    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python");
        port = Distribution.freePorts(1).getFirst();
        server.control().apply("/config", """
            {"settings": {"http": {"max_body_size": 120000000}},
             "listeners": {"127.0.0.1:%d": {"pass": "applications/flask"}},
             "applications": {"flask": %s}}""".formatted(port,
                 server.python("flask", "pages", "\"callable\": \"app\"", "\"processes\": 2")));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static void upload(Http http, byte[] body) throws Exception {
        http.send("POST /sum HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length + "\r\n\r\n");
        http.send(body);
        Response response = http.response(false);
        assertEquals(200, response.status());
        assertEquals("{\"sha256\":\"" + sha256(body) + "\",\"size\":" + body.length + "}", response.text().strip());
    }

    private static byte[] random(int size) {
        byte[] body = new byte[size];
        new Random(size).nextBytes(body);
        return body;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8_191, 16_384, 60_000, 65_535, 65_536, 65_537, 1_000_000, LARGE})
    void uploads(int size) throws Exception {
        byte[] body = random(size);
        try (Http http = Http.tcp(port)) {
            upload(http, body);
            upload(http, random(10));
        }
        try (Stream<Path> left = Files.walk(server.base().resolve("tmp"))) {
            assertEquals(List.of(), left.filter(Files::isRegularFile).toList(), "no body file is left");
        }
    }

    @Test
    void anUploadInSmallPieces() throws Exception {
        byte[] body = random(300_000);
        try (Http http = Http.tcp(port)) {
            http.send("POST /sum HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length + "\r\n\r\n");
            for (int i = 0; i < body.length; i += 1000) {
                http.send(Arrays.copyOfRange(body, i, i + 1000));
            }
            assertTrue(http.response(false).text().contains(sha256(body)));
        }
    }

    @Test
    void aLargeDownload() throws Exception {
        int blocks = LARGE / BLOCK;
        byte[] block = new byte[BLOCK];
        for (int i = 0; i < BLOCK; i++) {
            block[i] = (byte) i;
        }
        MessageDigest expected = MessageDigest.getInstance("SHA-256");
        for (int i = 0; i < blocks; i++) {
            expected.update(block);
        }
        Response response = Http.get(port, "/download/" + blocks);
        assertEquals(200, response.status());
        assertEquals(blocks * BLOCK, response.body().length);
        assertArrayEquals(expected.digest(), MessageDigest.getInstance("SHA-256").digest(response.body()));
    }

    @Test
    void aClientThatLeavesDuringADownload() throws Exception {
        try (Http http = Http.tcp(port)) {
            http.send("GET /download/1000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }
        try (Http a = Http.tcp(port); Http b = Http.tcp(port)) {
            for (Http http : List.of(a, b, a, b)) {
                http.send("GET /slow/1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
            }
            for (Http http : List.of(a, b, a, b)) {
                assertEquals("slow\n", http.response(false).text());
            }
        }
    }

    @Test
    void aSlowReaderDoesNotHoldOthersUpNorFillTheRouter() throws Exception {
        long router = server.await("unit: router");
        long before = resident(router);
        try (Http slow = Http.tcp(port)) {
            slow.send("GET /download/1500 HTTP/1.1\r\nHost: localhost\r\n\r\n");
            for (int i = 0; i < 100; i++) {
                assertEquals(200, Http.get(port, "/").status());
            }
            long grown = resident(router) - before;
            assertTrue(grown < 64L << 20, "the router grew by " + grown);
            assertEquals(1500 * BLOCK, slow.response(false).body().length);
        }
    }

    private static long resident(long pid) throws IOException {
        String statm = Files.readString(Path.of("/proc/" + pid + "/statm"));
        return Long.parseLong(statm.split(" ")[1]) * 4096;
    }

    @Test
    void tooLargeIsA413() throws IOException {
        try (Http http = Http.tcp(port)) {
            http.send("POST /sum HTTP/1.1\r\nHost: localhost\r\nContent-Length: 120000001\r\n\r\n");
            assertEquals(413, http.response(false).status());
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The access log of a running server (spec/routing.md §11). */
@Timeout(120)
class AccessLogIT {
    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking();
        port = Distribution.freePorts(1).getFirst();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static Path file(String name) {
        return server.base().resolve(name);
    }

    private static String configuration(String accessLog) {
        return "{\"listeners\": {\"127.0.0.1:" + port + "\": {\"pass\": \"routes\"}}, \"routes\": [{\"match\": "
            + "{\"uri\": \"/no\"}, \"action\": {\"return\": 404}}, {\"action\": {\"return\": 200, "
            + "\"response_headers\": {\"X-A\": \"$uri\"}}}]" + (accessLog.isEmpty() ? "" : ", \"access_log\": "
            + accessLog) + "}";
    }

    private static void apply(String accessLog) throws IOException {
        server.control().apply("/config", configuration(accessLog));
    }

    private static List<String> lines(Path file, int count) {
        Await.until(count + " lines in " + file, () -> Files.exists(file)
            && Files.readString(file).lines().count() >= count);
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void ask(String text) throws IOException {
        try (Http http = Http.tcp(port)) {
            http.send(text);
            http.response(false);
        }
    }

    @Test
    void linesOfTheDefaultFormat() throws IOException {
        Path file = file("default.log");
        apply("\"" + file + "\"");
        ask("GET /a?b HTTP/1.1\r\nHost: h\r\nUser-Agent: test \"1\"\r\nReferer: r\r\n\r\n");
        String line = lines(file, 1).getFirst();
        assertTrue(line.matches("127\\.0\\.0\\.1 - - \\[\\d\\d/\\w{3}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}] "
            + "\"GET /a\\?b HTTP/1\\.1\" 200 0 \"r\" \"test \"1\"\""), line);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        ask("get / HTTP/1.1\r\n\r\n");
        assertTrue(lines(file, 2).get(1).endsWith("] \"-\" 400 54 \"-\" \"-\""), lines(file, 2).toString());
        ask("GET /no HTTP/1.0\r\n\r\n");
        assertTrue(lines(file, 3).get(2).endsWith("] \"GET /no HTTP/1.0\" 404 54 \"-\" \"-\""),
            lines(file, 3).toString());
        Http half = Http.tcp(port);
        half.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n1");
        half.close();
        assertTrue(lines(file, 4).get(3).endsWith("] \"POST / HTTP/1.1\" 400 0 \"-\" \"-\""),
            lines(file, 4).toString());
    }

    @Test
    void objectsAndConditions() throws IOException {
        Path file = file("object.log");
        apply("{\"path\": \"" + file + "\", \"if\": \"$arg_log\", \"format\": {\"s\": \"$status\", \"u\": \"$uri\", "
            + "\"x\": \"$response_header_x_a\", \"c\": \"$response_header_connection\"}}");
        ask("GET /left HTTP/1.1\r\nHost: h\r\n\r\n");
        ask("GET /%22?log=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        assertEquals(List.of("{\"s\":\"200\",\"u\":\"/\\\"\",\"x\":\"/\\\"\",\"c\":\"close\"}"), lines(file, 1));
    }

    /** SIGUSR1: what comes after it is in the new file, also when the router has no right to make one. */
    @Test
    void filesAreRotated() throws Exception {
        Path file = file("rotated.log");
        Path old = file("rotated.log.1");
        apply("{\"path\": \"" + file + "\", \"format\": \"$uri\"}");
        ask("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
        assertEquals(List.of("/1"), lines(file, 1));
        Files.move(file, old);
        TestServer.signal(server.pid(), "USR1");
        Await.until("there is a new file", () -> Files.exists(file));
        Await.until("lines are in the new file", () -> {
            ask("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
            return Files.size(file) > 0;
        });
        assertEquals("/2", lines(file, 1).getFirst());
        assertTrue(Files.readString(old).startsWith("/1\n"));
    }

    /** By size: requests go on meanwhile, and each has one line. */
    @Test
    void aFileThatHasGrownIsRotated() throws IOException {
        Path file = file("grown.log");
        apply("{\"path\": \"" + file + "\", \"format\": \"$uri\", \"rotate\": {\"size\": 4096, \"keep\": 9}}");
        List<String> asked = new ArrayList<>();
        List<Path> files = List.of(file, file("grown.log.1"), file("grown.log.2"), file("grown.log.3"));
        try (Http http = Http.tcp(port)) {
            // Lines are handed over now and then: so many bytes may be in one piece.
            while (!Files.exists(files.get(2))) {
                String uri = "/" + asked.size() + "x".repeat(200);
                http.send("GET " + uri + " HTTP/1.1\r\nHost: h\r\n\r\n");
                http.response(false);
                asked.add(uri);
                assertTrue(asked.size() < 100_000, "it was rotated twice");
            }
        }
        Await.until("all lines are there", () -> {
            long size = 0;
            for (Path each : files) {
                size += Files.exists(each) ? Files.readString(each).lines().count() : 0;
            }
            return size >= asked.size();
        });
        List<String> written = new ArrayList<>();
        for (Path each : files.reversed()) {
            written.addAll(Files.exists(each) ? Files.readAllLines(each) : List.of());
        }
        assertEquals(asked, written);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void aFileThatCannotBeOpenedIsRefused() throws IOException {
        Path file = file("kept.log");
        apply("{\"path\": \"" + file + "\", \"format\": \"$uri\"}");
        Path bad = file("none").resolve("x.log");
        server.expect("failed to apply new conf: The access log cannot be opened");
        Response answer = server.control().put("/config", configuration("{\"path\": \"" + bad + "\"}"));
        assertEquals(500, answer.status(), answer.text());
        assertTrue(answer.text().contains("open(\\\"" + bad + "\\\") failed (2: No such file or directory)"),
            answer.text());
        assertTrue(answer.text().contains("/access_log/path"), answer.text());
        ask("GET /still HTTP/1.1\r\nHost: h\r\n\r\n");
        assertEquals(List.of("/still"), lines(file, 1));
        answer = server.control().put("/config", configuration("{\"path\": \"\"}"));
        assertEquals(400, answer.status(), answer.text());
        assertTrue(answer.text().contains("The \\\"path\\\" string must not be empty."), answer.text());
        assertFalse(Files.exists(bad));
    }

    /** A disk that is full costs lines, and no request. */
    @Test
    void aFullDiskFailsNoRequest() throws IOException {
        apply("\"/dev/full\"");
        for (int i = 0; i < 50; i++) {
            assertEquals(200, Http.get(port, "/").status());
        }
        server.awaitLog("\\[error].* write to the access log \"/dev/full\" failed: .*; lines are left out");
        apply("");
        assertEquals(200, Http.get(port, "/").status());
    }

    /** The last requests before the end are in the log. */
    @Test
    void theLastLinesAreWritten() throws IOException {
        Path base;
        try (TestServer other = TestServer.speaking()) {
            base = Files.createTempDirectory("access-log");
            int own = Distribution.freePorts(1).getFirst();
            other.control().apply("/config", configuration("{\"path\": \"" + base.resolve("a.log")
                + "\", \"format\": \"$uri\"}").replace(":" + port + "\"", ":" + own + "\""));
            assertEquals(200, Http.get(own, "/last").status());
        }
        assertEquals(List.of("/last"), Files.readAllLines(base.resolve("a.log")));
        TestServer.delete(base);
    }
}

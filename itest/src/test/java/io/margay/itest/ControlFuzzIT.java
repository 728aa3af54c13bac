// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Thousands of broken requests to the control socket leave no trace: no other configuration, no line of alarm, no
 * memory, no descriptor, no other process.
 */
@Timeout(240)
class ControlFuzzIT {
    private static final int ROUNDS = 3_000;
    private static final String[] PATHS = {"/config", "/config/", "/config/routes", "/config/routes/0",
        "/config/routes/9", "/config/listeners/%2A:80", "/config/%", "/config/%00", "/config/a/../../..", "//config//",
        "/config/routes/-1",
        "/config/applications/x/y/z",
        "/status", "/status/x", "/", "/control/applications/x/restart", "/certificates/x",
        "/js_modules/x", "/config/" + "a/".repeat(400), "/config/" + "a".repeat(300), "/\u00e9", "/config?\u0001",
        "/config/settings/http/static/mime_types/text%2Fhtml"};
    private static final String[] BODIES = {"", "{", "[[[[", "{\"a\":}", "{\"listeners\": 5}",
        "{\"listeners\": {\"*:0\": {}}}", "nul", "1e999", "\"\\ud800\"", "{\"a\": 1, \"a\": 2}", "\u00ff\u00fe",
        "{\"routes\": [{\"match\": {\"uri\": \"~(\"}}]}",
        "{\"routes\": [{\"action\": {\"pass\": \"applications/none\"}}]}", "/*", "[".repeat(5_000),
        "{\"a\":".repeat(2_000), "{\"applications\": {\"x\": {\"type\": \"pyton\"}}}", "\0",
        "{\"x\": " + "9".repeat(5_000) + "}"};

    private static TestServer server;
    private static int port;
    private static String before;

    private final Random random = new Random(3);

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking();
        port = Distribution.freePorts(1).getFirst();
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes"}}, "routes": [{"action": {"return": 204}}]}"""
            .formatted(port));
        before = server.control().get("/config").text();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void brokenRequestsLeaveNoTrace() throws Exception {
        Map<Long, String> processes = server.processes();
        // What the first requests load and keep is none of a leak.
        storm(ROUNDS / 3);
        long controller = server.await("unit: controller");
        Map<Long, Integer> descriptors = descriptors();
        long heap = heap(controller);
        storm(ROUNDS);
        huge();
        slow();
        assertEquals(before, server.control().get("/config").text());
        assertEquals(204, Http.get(port, "/").status());
        assertEquals(processes, server.processes(), "no process was replaced");
        try {
            // Fewer is no leak: a connection of the storm may have been counted before.
            Await.until("the descriptors come back", Duration.ofSeconds(10), () -> descriptors().entrySet().stream()
                .allMatch(now -> now.getValue() <= descriptors.get(now.getKey())));
        } catch (AssertionError e) {
            assertEquals(descriptors, descriptors(), e.getMessage());
        }
        long[] after = {0};
        try {
            // The last connections of the storm may be ending still.
            Await.until("the heap is as before", () -> (after[0] = heap(controller)) < heap + 1_500);
        } catch (AssertionError e) {
            throw new AssertionError("heap of the controller: " + heap + " KB before, " + after[0] + " KB after", e);
        }
    }

    private static Map<Long, Integer> descriptors() throws IOException {
        Map<Long, Integer> counts = new TreeMap<>();
        for (long pid : server.processes().keySet()) {
            counts.put(pid, TestServer.descriptors(pid));
        }
        return counts;
    }

    /** Kilobytes in use after a collection. */
    private static long heap(long pid) throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin/jcmd").toString();
        run(jcmd, Long.toString(pid), "GC.run");
        String text = run(jcmd, Long.toString(pid), "GC.heap_info");
        Matcher used = Pattern.compile("total \\d+K, used (\\d+)K").matcher(text);
        long sum = 0;
        while (used.find()) {
            sum += Long.parseLong(used.group(1));
        }
        assertTrue(sum > 0, text);
        return sum;
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), text);
        return text;
    }

    private void storm(int rounds) throws IOException {
        for (int i = 0; i < rounds; i++) {
            String request = request();
            try (Http http = connect()) {
                if (random.nextInt(10) == 0) {
                    // Half of it, then the client is gone.
                    http.send(request.substring(0, random.nextInt(request.length())));
                } else {
                    http.send(request);
                    assertAnswered(http, request);
                }
            }
        }
    }

    private static Http connect() throws IOException {
        return Http.unix(server.base().resolve("control.sock"));
    }

    /** A request that cannot succeed, or only reads. */
    private String request() {
        String path = pick(PATHS);
        String body = pick(BODIES);
        String head = switch (random.nextInt(12)) {
            case 0 -> path + " HTTP/1.1\r\n\r\n";
            case 1 -> "PUT " + path + " HTTP/3.0\r\n\r\n";
            case 2 -> "PUT " + path + " HTTP/1.1\r\nContent-Length: -5\r\n\r\n";
            case 3 -> "PUT " + path + " HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n";
            case 4 -> "PUT " + path + " HTTP/1.1\r\n" + "X: y\r\n".repeat(4_000) + "\r\n";
            case 5 -> "PUT " + path + " HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\nZZ\r\n";
            case 6 -> "\r\n\r\n";
            case 7 -> "GET " + path + " HTTP/1.1\r\nIf-None-Match: \"x\"\r\n\r\n";
            case 8 -> "BREW " + path + " HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
            default -> (random.nextBoolean() ? "PUT " : "POST ") + path + " HTTP/1.1\r\nContent-Length: "
                + body.length() + "\r\n\r\n";
        };
        return head.contains("Content-Length: " + body.length() + "\r\n") ? head + body : head;
    }

    private String pick(String[] of) {
        return of[random.nextInt(of.length)];
    }

    /** Whatever it is, the answer is HTTP, and only a read is a success. */
    private static void assertAnswered(Http http, String request) throws IOException {
        String shown = request.substring(0, Math.min(200, request.length()));
        Response response = http.response(false);
        int status = response.status();
        boolean good = status >= 400 && status < 500 || status == 200 && request.startsWith("GET ");
        assertTrue(good, () -> shown + "\n" + response.statusLine() + "\n" + response.text());
    }

    /** Contents that are read whole before they are refused, and some that are not. */
    private static void huge() throws IOException {
        List<byte[]> bodies = new ArrayList<>();
        bodies.add(bytes("[" + "[1],".repeat(1_500_000) + "1]"));
        bodies.add(bytes("{\"x\": \"" + "y".repeat(7_000_000) + "\"}"));
        bodies.add(bytes("{\"x\": [" + ("[" + "[1],".repeat(99_000) + "1],").repeat(15) + "1]}"));
        bodies.add(bytes("{" + "\"\\u0061".repeat(1_000_000)));
        bodies.add(bytes("[".repeat(7_000_000)));
        bodies.add(new byte[8 << 20]);
        for (byte[] body : bodies) {
            try (Http http = connect()) {
                http.send("PUT /config HTTP/1.1\r\nContent-Length: " + body.length + "\r\n\r\n");
                http.send(body);
                assertEquals(400, http.response(false).status());
            }
        }
        try (Http http = connect()) {
            http.send("PUT /config HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n");
            assertEquals(400, http.response(false).status());
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Clients that never end their request, or never read the reply, are in nobody's way. */
    private static void slow() throws IOException {
        List<Http> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                Http http = connect();
                clients.add(http);
                http.send(i % 2 == 0 ? "PUT /config HTTP/1.1\r\nContent-Length: 500000\r\n\r\n{"
                    : "GET / HTTP/1.1\r\nHo");
            }
            assertEquals(before, server.control().get("/config").text());
            assertEquals(400, server.control().put("/config", "{").status());
        } finally {
            for (Http http : clients) {
                http.close();
            }
        }
    }
}

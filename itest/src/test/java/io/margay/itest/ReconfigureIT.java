// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Changes of the configuration while clients are at work ({@code spec/app-dispatch.md §8, §9}). */
@Timeout(120)
class ReconfigureIT {
    private static final int CLIENTS = 8;
    /** A page that keeps the processes at work, so that a change meets running requests. */
    private static final String BUSY = "/pause/5";
    private static final String GET_SLOW = "GET /slow/1500 HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private static TestServer server;
    private static int port;
    private static int second;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python");
        List<Integer> ports = Distribution.freePorts(2);
        port = ports.get(0);
        second = ports.get(1);
    }

    @BeforeEach
    void simple() throws IOException {
        server.control().apply("/config", configuration("0", 1, "\"127.0.0.1:" + port + "\""));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String configuration(String generation, int processes, String... listeners) throws IOException {
        StringBuilder all = new StringBuilder();
        for (String listener : listeners) {
            all.append(all.isEmpty() ? "" : ", ").append(listener).append(": {\"pass\": \"applications/plain\"}");
        }
        return "{\"listeners\": {" + all + "}, \"applications\": {\"plain\": "
            + server.python("plain", "plain", "\"processes\": " + processes,
                "\"environment\": {\"GENERATION\": \"" + generation + "\"}") + "}}";
    }

    @Test
    void listenersAndRoutesChangeTenTimesASecond() throws Exception {
        String application = server.python("plain", "plain", "\"processes\": 2");
        String[] variants = {
            """
            {"listeners": {"127.0.0.1:%1$d": {"pass": "applications/plain"}},
             "applications": {"plain": %3$s}}""",
            """
            {"listeners": {"127.0.0.1:%1$d": {"pass": "routes"}, "127.0.0.1:%2$d": {"pass": "routes"}},
             "routes": [{"match": {"uri": "/x"}, "action": {"return": 404}},
                        {"action": {"pass": "applications/plain"}}],
             "applications": {"plain": %3$s}}"""};
        server.control().apply("/config", variants[0].formatted(port, second, application));
        try (Load load = Load.start(port, BUSY, CLIENTS)) {
            long begin = System.nanoTime();
            for (int i = 1; i <= 50; i++) {
                server.control().apply("/config", variants[i % 2].formatted(port, second, application));
                long wait = begin + i * 100_000_000L - System.nanoTime();
                LockSupport.parkNanos(Math.max(0, wait));
            }
            load.awaitMore(CLIENTS);
            assertEquals(List.of(), load.stop());
        }
    }

    @Test
    void newGenerationsOfAnApplicationLoseNoRequest() throws Exception {
        Set<String> seen = ConcurrentHashMap.newKeySet();
        try (Load load = Load.start(port, BUSY, CLIENTS, response -> seen.add(response.text()))) {
            for (int i = 1; i <= 15; i++) {
                server.control().apply("/config", configuration("g" + i, 2, "\"127.0.0.1:" + port + "\""));
                assertTrue(Http.get(port, "/").text().contains("\"g" + i + "\""), "the new code answers at once");
                load.awaitMore(CLIENTS);
            }
            assertEquals(List.of(), load.stop());
        }
        assertTrue(seen.stream().anyMatch(text -> text.contains("\"g15\"")), seen.toString());
        onlyWorkers(2);
    }

    private static void onlyWorkers(int count) {
        Await.until("the old processes end", () -> server.processes().values().stream()
            .filter(title -> title.startsWith("unit: \"plain\"")).count() == count + 1);
    }

    @Test
    void runningAndQueuedRequestsFinishOnTheOldProcess() throws Exception {
        try (Http running = Http.tcp(port); Http queued = Http.tcp(port)) {
            running.send(GET_SLOW);
            running(running);
            queued.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            server.control().apply("/config", configuration("new", 1, "\"127.0.0.1:" + port + "\""));
            assertTrue(Http.get(port, "/").text().contains("\"new\""));
            assertEquals("slow\n", running.response(false).text());
            assertEquals(200, queued.response(false).status());
            assertTrue(queued.exchange("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").text().contains("\"new\""),
                "a kept connection uses the new configuration");
        }
        onlyWorkers(1);
    }

    /** Waits until the status counts a request. */
    private static void running(Http connection) {
        Await.until("a request of " + connection + " is active", () -> server.control()
            .get("/status/applications/plain/requests/active").text().strip().equals("1"));
    }

    @Test
    void aRemovedApplicationFinishesItsRequests() throws Exception {
        try (Http running = Http.tcp(port)) {
            running.send(GET_SLOW);
            running(running);
            server.control().apply("/config", "{\"listeners\": {}, \"applications\": {}}");
            assertThrows(ConnectException.class, () -> Http.get(port, "/"));
            assertEquals("slow\n", running.response(false).text());
        }
        Await.until("its processes end", () -> server.processes().size() == 3);
    }

    @Test
    void aRemovedListenerLetsItsConnectionsFinish() throws Exception {
        server.control().apply("/config", configuration("0", 1, "\"127.0.0.1:" + port + "\"",
            "\"127.0.0.1:" + second + "\""));
        try (Http running = Http.tcp(second); Http idle = Http.tcp(second)) {
            assertEquals(200, idle.exchange("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").status());
            running.send(GET_SLOW);
            running(running);
            server.control().apply("/config", configuration("0", 1, "\"127.0.0.1:" + port + "\""));
            assertThrows(ConnectException.class, () -> Http.get(second, "/"));
            assertEquals("slow\n", running.response(false).text());
            server.control().apply("/config", configuration("0", 1, "\"127.0.0.1:" + port + "\"",
                "\"127.0.0.1:" + second + "\""));
            assertEquals(200, Http.get(second, "/").status(), "the address can be used again at once");
        }
    }

    @Test
    void unixAbstractAndIpv6Listeners() throws Exception {
        Path socket = server.base().resolve("listen.sock");
        String name = "margay-it-" + server.pid();
        server.control().apply("/config", configuration("0", 1, "\"127.0.0.1:" + port + "\"",
            "\"unix:" + socket + "\"", "\"unix:@" + name + "\"", "\"[::1]:" + second + "\""));
        try (Http http = Http.unix(socket)) {
            assertEquals(200, http.exchange("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").status());
        }
        try (Http http = Http.tcp6(second)) {
            assertEquals(200, http.exchange("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").status());
        }
        Distribution.Result curl = Distribution.run(server.base(), Map.of(), "curl", "-sS", "--max-time", "20",
            "--abstract-unix-socket", name, "http://localhost/");
        assertTrue(curl.out().contains("\"pid\""), curl.toString());
        simple();
        assertTrue(!Files.exists(socket), "the file of the removed listener is gone");
        assertThrows(IOException.class, () -> Http.tcp6(second));
    }

    @Test
    void restartsOfAnApplicationLoseNoRequest() throws Exception {
        server.control().apply("/config", configuration("0", 2, "\"127.0.0.1:" + port + "\""));
        Set<String> seen = ConcurrentHashMap.newKeySet();
        try (Load load = Load.start(port, BUSY, CLIENTS, response -> seen.add(response.text()))) {
            for (int i = 1; i <= 8; i++) {
                long old = server.await("unit: \"plain\" prototype");
                Response response = server.control().get("/control/applications/plain/restart");
                assertEquals(200, response.status(), response.text());
                assertTrue(response.text().contains("\"success\": \"Ok\""), response.text());
                Await.until("the old prototype ends", () -> !server.processes().containsKey(old));
                load.awaitMore(2 * CLIENTS);
            }
            assertEquals(List.of(), load.stop());
        }
        assertTrue(seen.size() >= 10, "processes: " + seen);
        onlyWorkers(2);
        assertEquals(404, server.control().get("/control/applications/none/restart").status());
        assertEquals(405, server.control().put("/control/applications/plain/restart", "{}").status());
    }

    @Test
    void aRefusedChangeDuringWorkChangesNothing() throws Exception {
        String before = server.control().get("/config").text();
        server.expect("failed to apply new conf: ");
        server.expect("Python failed to import module \"nothing_here\"");
        try (Load load = Load.start(port, BUSY, CLIENTS)) {
            for (int i = 0; i < 3; i++) {
                Response response = server.control().put("/config/applications/plain/module", "\"nothing_here\"");
                assertEquals(500, response.status());
                assertTrue(response.text().contains("plain"), response.text());
                load.awaitMore(CLIENTS);
            }
            assertEquals(List.of(), load.stop());
        }
        assertEquals(before, server.control().get("/config").text());
        Await.until("the processes of the failed start end", Duration.ofSeconds(10),
            () -> server.processes().size() == 5);
    }
}

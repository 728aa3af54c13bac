// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SIGKILL of each kind of process while clients are at work ({@code spec/processes.md §12.1}). */
@Timeout(120)
class CrashIT {
    private static final int CLIENTS = 8;
    /** A page that keeps the processes at work, so that a signal meets running requests. */
    private static final String BUSY = "/pause/5";
    private static final String WORKER = "unit: \"plain\" application";
    private static final String PROTOTYPE = "unit: \"plain\" prototype";

    private static TestServer server;
    private static int port;
    private static String configuration;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python");
        server.expect("exited on signal 9");
        // The ports of a killed process, until its end is noticed (spec/ports.md §2).
        server.expect("sendmsg\\(.*\\) failed \\((32: Broken pipe|104: Connection reset by peer)\\)");
        port = Distribution.freePorts(1).getFirst();
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "applications/plain"}},
             "applications": {"plain": %s}}""".formatted(port,
                 server.python("plain", "plain", "\"processes\": 2")));
        configuration = server.control().get("/config").text();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static long kill(String title) throws Exception {
        long pid = server.await(title);
        TestServer.signal(pid, "KILL");
        Await.until(title + " is gone", () -> !server.processes().containsKey(pid));
        return pid;
    }

    private static void kinds(int workers) {
        try {
            back(workers);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + ": " + server.processes(), e);
        }
    }

    private static void back(int workers) {
        Await.until("all processes are back", () -> {
            List<String> titles = List.copyOf(server.processes().values());
            return titles.stream().filter(title -> title.startsWith(WORKER)).count() == workers
                && titles.stream().filter(title -> title.startsWith(PROTOTYPE)).count() == 1
                && titles.stream().filter(title -> title.equals("unit: router")).count() == 1
                && titles.stream().filter(title -> title.equals("unit: controller")).count() == 1
                && titles.size() == workers + 4;
        });
    }

    private static void sameConfiguration() {
        Await.until("the control socket gives the same configuration", () -> {
            try {
                return server.control().get("/config").text().equals(configuration);
            } catch (IOException e) {
                // Not back yet.
                return false;
            }
        });
    }

    @Test
    void aWorkerTakesOnlyItsOwnRequestAlong() throws Exception {
        try (Load load = Load.start(port, BUSY, CLIENTS)) {
            for (int i = 1; i <= 5; i++) {
                kill(WORKER);
                load.awaitMore(50);
                kinds(2);
                assertTrue(load.failures().size() <= i, i + " killed: " + load.failures());
            }
            List<String> failures = load.stop();
            assertTrue(Set.of("HTTP/1.1 503 Service Unavailable").containsAll(failures), failures.toString());
        }
    }

    @Test
    void aRequestInFlightGetsA503AtOnce() throws Exception {
        Path begun = server.base().resolve("tmp/begun");
        try (Http http = Http.tcp(port)) {
            Map<Long, String> before = server.processes();
            http.send("GET /hold/60000?begun=" + begun + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Await.until("a worker has it", () -> Files.exists(begun));
            long begin = System.nanoTime();
            for (Map.Entry<Long, String> entry : before.entrySet()) {
                if (entry.getValue().startsWith(WORKER)) {
                    TestServer.signal(entry.getKey(), "KILL");
                }
            }
            assertEquals(503, http.response(false).status());
            assertTrue(System.nanoTime() - begin < 5_000_000_000L, "it did not wait for the application");
        } finally {
            Files.deleteIfExists(begun);
        }
        kinds(2);
    }

    @Test
    void thePrototypeComesBack() throws Exception {
        try (Load load = Load.start(port, BUSY, CLIENTS)) {
            long before = kill(PROTOTYPE);
            load.awaitMore(200);
            assertNotEquals(before, server.await(PROTOTYPE));
            kinds(2);
            List<String> failures = load.stop();
            assertTrue(failures.size() <= 2, "at most what the two workers had: " + failures);
            assertTrue(Set.of("HTTP/1.1 503 Service Unavailable").containsAll(failures), failures.toString());
        }
    }

    /** What ends main in order ends each other process, too, and main has it back (spec/processes.md §11). */
    @ParameterizedTest
    @CsvSource({"unit: controller,TERM", "unit: controller,INT", "unit: controller,QUIT", "unit: router,TERM",
        "unit: router,INT", "unit: router,QUIT", PROTOTYPE + ",TERM", PROTOTYPE + ",INT", PROTOTYPE + ",QUIT"})
    void aSignalEndsOneProcess(String title, String signal) throws Exception {
        int before = server.log().length();
        long pid = server.await(title);
        TestServer.signal(pid, signal);
        Await.until(title + " is gone", () -> !server.processes().containsKey(pid));
        kinds(2);
        sameConfiguration();
        Await.until("requests are answered", () -> {
            try {
                return Http.get(port, "/").status() == 200;
            } catch (IOException e) {
                // The next router is not there yet.
                return false;
            }
        });
        String lines = server.log().substring(before);
        assertTrue(lines.contains("process " + pid + " exited with code 0\n"), lines);
    }

    @Test
    void theControllerIsNotMissed() throws Exception {
        try (Load load = Load.start(port, BUSY, CLIENTS)) {
            Map<Long, String> before = server.processes();
            long killed = kill("unit: controller");
            sameConfiguration();
            load.awaitMore(100);
            assertEquals(List.of(), load.stop());
            before.remove(killed);
            assertTrue(server.processes().entrySet().containsAll(before.entrySet()), "no other process was replaced");
        }
        assertEquals(200, server.control().put("/config/applications/plain/processes", "2").status());
        sameConfiguration();
    }

    @Test
    void theRouterServesAgain() throws Exception {
        try (Load load = Load.start(port, BUSY, CLIENTS)) {
            kill("unit: router");
            long begin = System.nanoTime();
            load.awaitMore(CLIENTS + 100);
            long millis = (System.nanoTime() - begin) / 1_000_000;
            // Nothing waits for a timer; how soon it is, is measured elsewhere.
            assertTrue(millis < 30_000, millis + " ms");
            sameConfiguration();
            kinds(2);
            List<String> failures = load.failures();
            assertTrue(failures.size() <= CLIENTS, "each lost its connection, and the next one waited: " + failures);
            assertTrue(failures.stream().noneMatch(failure -> failure.contains("refused")), failures.toString());
            load.forgive();
            load.awaitMore(200);
            assertEquals(List.of(), load.stop());
        }
    }

    @Test
    void theRouterTwiceAndTheControllerWithIt() throws Exception {
        kill("unit: router");
        kill("unit: controller");
        kill("unit: router");
        sameConfiguration();
        Await.until("it serves again", this::serves);
        kinds(2);
    }

    private boolean serves() {
        try {
            return Http.get(port, "/").status() == 200;
        } catch (IOException e) {
            // Not yet.
            return false;
        }
    }

    /** Adds three workers that ignore signals, two of them stopped; one of the three sleeps in the client's request. */
    private static Http stubborn(int free) throws Exception {
        String listener = "127.0.0.1:" + free;
        server.control().apply("/config/applications/stubborn", server.python("broken", "stubborn",
            "\"processes\": 3"));
        server.control().apply("/config/listeners/" + listener, "{\"pass\": \"applications/stubborn\"}");
        Http sleeping = Http.tcp(free);
        sleeping.send("GET /sleep HTTP/1.1\r\nHost: h\r\n\r\n");
        Await.until("the request is in a worker", () -> server.control()
            .get("/status/applications/stubborn/processes/idle").text().strip().equals("2"));
        List<Long> workers = server.processes().entrySet().stream()
            .filter(entry -> entry.getValue().equals("unit: \"stubborn\" application")).map(Map.Entry::getKey).toList();
        assertEquals(3, workers.size());
        TestServer.signal(workers.get(0), "STOP");
        TestServer.signal(workers.get(1), "STOP");
        return sleeping;
    }

    @Test
    void nothingOutlivesMain() throws Exception {
        int free = Distribution.freePorts(1).getFirst();
        Http sleeping = stubborn(free);
        try (sleeping; Load load = Load.start(port, BUSY, CLIENTS)) {
            Map<Long, String> all = server.processes();
            assertTrue(all.size() >= 10, all.toString());
            // A process that hangs sees no connection that ends.
            TestServer.signal(server.await("unit: controller"), "STOP");
            TestServer.signal(server.await("unit: router"), "STOP");
            TestServer.signal(server.pid(), "KILL");
            Await.until("no process is left of " + all, Duration.ofSeconds(10),
                () -> all.keySet().stream().noneMatch(pid -> ProcessHandle.of(pid).isPresent()));
            server.restart(Duration.ofSeconds(90));
            load.awaitMore(CLIENTS + 10);
            load.forgive();
            load.awaitMore(100);
            assertEquals(List.of(), load.stop());
        }
        assertEquals(200, server.control().delete("/config/listeners/127.0.0.1:" + free).status());
        assertEquals(200, server.control().delete("/config/applications/stubborn").status());
        sameConfiguration();
        kinds(2);
    }

    private static Map<String, Integer> descriptors() throws IOException {
        Map<String, Integer> counts = new HashMap<>();
        for (Map.Entry<Long, String> entry : server.processes().entrySet()) {
            counts.merge(entry.getValue().replaceAll("main .*", "main"),
                TestServer.descriptors(entry.getKey()), Integer::sum);
        }
        return counts;
    }

    @Test
    void descriptorsAndProcessesComeBack() throws Exception {
        try (Load load = Load.start(port, BUSY, CLIENTS)) {
            load.awaitMore(100);
            kill(WORKER);
            kinds(2);
        }
        // A worker that is still starting has not opened all of its sockets.
        Await.until("both workers are ready", () ->
            server.control().get("/status/applications/plain/processes/running").text().strip().equals("2"));
        Map<String, Integer> before = descriptors();
        try (Load load = Load.start(port, BUSY, 3 * CLIENTS)) {
            for (int i = 0; i < 4; i++) {
                kill(WORKER);
                load.awaitMore(50);
                kinds(2);
                kill(PROTOTYPE);
                load.awaitMore(50);
                kinds(2);
                server.control().apply("/config/applications/plain/environment", "{\"GENERATION\": \"" + i + "\"}");
            }
            server.control().delete("/config/applications/plain/environment");
            List<String> failures = load.stop();
            assertTrue(Set.of("HTTP/1.1 503 Service Unavailable").containsAll(failures), failures.toString());
        }
        kinds(2);
        Map<String, Integer> after = new HashMap<>();
        try {
            Await.until("the descriptors come back", Duration.ofSeconds(10), () -> {
                after.clear();
                after.putAll(descriptors());
                // Fewer is no leak: a connection of the test may have been counted before.
                return after.entrySet().stream().allMatch(entry -> entry.getValue() <= before.get(entry.getKey()));
            });
        } catch (AssertionError e) {
            assertEquals(before, after, e.getMessage());
        }
    }
}

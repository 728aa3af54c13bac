// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Applications that never become ready: {@code limits.start_timeout} ends the wait ({@code gaps-and-wishes.md} B7). */
@Timeout(120)
class StartTimeoutIT {
    private static final String LIMIT = "\"limits\": {\"start_timeout\": 2}";

    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python");
        server.expect("failed to apply new conf: failed to start application|exited on signal 9");
        port = Distribution.freePorts(1).getFirst();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static void serve() throws IOException {
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "applications/probe"}},
             "applications": {"probe": %s}}""".formatted(port, server.python("probe", "wsgi")));
    }

    private static long titles(String start) {
        return server.processes().values().stream().filter(title -> title.startsWith(start)).count();
    }

    @Test
    void aChangeThatNeedsItIsRefusedInTime() throws IOException {
        serve();
        String before = server.control().get("/config").text();
        List<String> failures;
        try (Load load = Load.start(port, "/process", 2)) {
            long begin = System.nanoTime();
            Response reply = server.control().put("/config/applications/hung", server.python("broken", "hangs", LIMIT));
            long millis = (System.nanoTime() - begin) / 1_000_000;
            assertEquals(500, reply.status());
            assertTrue(reply.text().contains("\"detail\": \"failed to start application \\\"hung\\\": "
                + "it did not become ready within 2 seconds (option \\\"limits.start_timeout\\\")\""), reply.text());
            assertTrue(millis >= 2000 && millis < 5000, millis + " ms");
            load.awaitMore(20);
            failures = load.stop();
        }
        assertEquals(List.of(), failures);
        assertEquals(before, server.control().get("/config").text());
        Await.until("its processes are gone", Duration.ofSeconds(5), () -> titles("unit: \"hung\"") == 0);
        server.awaitLog("app process \\d+ exited on signal 9");
        assertEquals(200, server.control().put("/config/applications/probe/processes", "2").status());
    }

    @Test
    void othersServeWhileAReplacementHangs() throws Exception {
        Path flag = server.base().resolve("hang");
        String application = server.python("broken", "sometimes", "\"processes\": 2", LIMIT,
            "\"environment\": {\"HANG\": \"" + flag + "\"}");
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "applications/some"}}, "applications": {"some": %s}}"""
            .formatted(port, application));
        Files.createFile(flag);
        long victim = server.await("unit: \"some\" application");
        TestServer.signal(victim, "KILL");
        Await.until("its death is known", () -> status().contains("\"running\":1"));
        try (Load load = Load.start(port, "/", 2)) {
            server.awaitLog("failed to start application \"some\"");
            load.awaitMore(20);
            Files.delete(flag);
            Await.until("a later start succeeds", () -> status().contains("\"running\":2"));
            load.awaitMore(20);
            assertEquals(List.of(), load.stop());
        }
        assertEquals(3, titles("unit: \"some\""), "two workers and their prototype");
    }

    @Test
    void theLastWorkersReplacementHangs() throws Exception {
        Path flag = server.base().resolve("hang-last");
        String application = server.python("broken", "sometimes", LIMIT,
            "\"environment\": {\"HANG\": \"" + flag + "\"}");
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "applications/last"}}, "applications": {"last": %s}}"""
            .formatted(port, application));
        Files.createFile(flag);
        TestServer.signal(server.await("unit: \"last\" application"), "KILL");
        Await.until("its death is known", () -> status().contains("\"running\":0"));
        assertEquals(503, Http.get(port, "/").status(), "after the wait for the start");
        Files.delete(flag);
        assertEquals(200, Http.get(port, "/").status());
        assertEquals(2, titles("unit: \"last\""));
    }

    private static String status() throws IOException {
        return server.control().get("/status/applications").text().replaceAll("\\s", "");
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Kinds of processes whose bundles lie in the modules directory when the server starts. */
@Timeout(120)
class ProcessKindIT {

    private static final String EXTENSION = "io.margay.extension; kind=process; name=%s; api:Version=1.0";

    private static TestServer server;
    private static Path modules;

    @BeforeAll
    static void start() throws IOException {
        Path base = TestServer.directory();
        modules = Files.createDirectory(base.resolve("modules"));
        TestKind.bundle(modules.resolve("counter.jar"));
        kind("greedy", 78, "{\"router\": [\"QUIT\"]}", modules.resolve("greedy.jar"));
        kind("double", 77, "{\"main\": [\"PROCESS_READY\"]}", modules.resolve("later.jar"));
        Files.writeString(modules.resolve("text.jar"), "no jar");
        server = TestServer.start(base, Map.of(), "--modulesdir", modules.toString());
        server.expect("process type \"(greedy|double)\" of bundle|module .*text.jar\" is not used");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static Path kind(String name, int number, String sends, Path file) throws IOException {
        String type = "OSGI-INF/margay/process/" + name + ".json";
        return Guests.bundle(file, Map.of("Bundle-SymbolicName", "io.margay.it." + name, "Bundle-Version", "1.0.0",
            "Margay-Process", type, "Provide-Capability", EXTENSION.formatted(name)), Map.of(type, """
                {"name": "%s", "number": %d, "restart": true, "feature": "%s", "ports": ["main"], "sends": %s}"""
                .formatted(name, number, name, sends)));
    }

    @Test
    void oneRunsInAJvmOfItsOwnAndComesBack() throws Exception {
        long first = server.await("unit: counter");
        TestServer.signal(first, "KILL");
        // The other one too, if it still boots when the server ends.
        server.expect("exited on signal 9");
        Await.until("another one", () -> server.processes().entrySet().stream()
            .anyMatch(entry -> entry.getValue().equals("unit: counter") && entry.getKey() != first));
        assertEquals(200, server.control().get("/").status());
    }

    @Test
    void oneThatWouldSendWhatOnlyMainSendsIsRefused() throws IOException {
        server.awaitLog("process type \"greedy\" of bundle io.margay.it.greedy is refused: only main sends QUIT");
        assertTrue(server.processes().values().stream().noneMatch("unit: greedy"::equals));
    }

    @Test
    void ofTwoWithOneNumberTheFirstRuns() throws IOException {
        server.awaitLog("process type \"double\" of bundle io.margay.it.double is refused: its number 77 is that of");
        assertTrue(server.processes().values().stream().noneMatch("unit: double"::equals));
    }

    @Test
    void oneThatComesLaterCountsWithTheNextStart() throws IOException {
        Path made = kind("tardy", 79, "{\"main\": [\"PROCESS_READY\"]}", server.base().resolve("tardy.new"));
        Files.move(made, modules.resolve("tardy.jar"), StandardCopyOption.ATOMIC_MOVE);
        server.awaitLog("tardy.jar\": its kind of process counts with the next start of the server");
    }
}

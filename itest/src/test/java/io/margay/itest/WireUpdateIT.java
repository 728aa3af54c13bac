// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The wires of the distribution are replaced while they carry requests; when a newer one goes, that of the server
 * carries them again. What becomes of one that the server does not have, is in {@link LiveExtensionsIT}.
 */
@Timeout(240)
class WireUpdateIT {
    private static final int CLIENTS = 3;
    private static final int UPDATES = 3;

    private static TestServer server;
    private static Path modules;
    private static int port;
    private static Map<Long, String> core;

    @BeforeAll
    static void start() throws IOException {
        Path base = TestServer.directory();
        modules = Files.createDirectory(base.resolve("modules"));
        for (Tongue tongue : Tongue.all()) {
            Files.copy(tongue.bundle(), modules.resolve(tongue.bundle().getFileName()),
                StandardCopyOption.REPLACE_EXISTING);
        }
        server = TestServer.replacing(base, modules);
        port = Distribution.freePorts(1).getFirst();
        server.control().apply("/config", "{\"listeners\": {}, \"applications\": {}}");
        server.await("unit: controller");
        server.await("unit: router");
        core = core();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static Map<Long, String> core() {
        Map<Long, String> processes = server.processes();
        processes.values().removeIf(title -> !title.startsWith("unit: main") && !title.equals("unit: controller")
            && !title.equals("unit: router"));
        return processes;
    }

    private static Set<Long> others() {
        return server.processes().keySet().stream().filter(pid -> !core.containsKey(pid))
            .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void put(String wire, String version) throws IOException {
        Path made = server.base().resolve("made.tmp");
        JarCopy.write(JarCopy.original("system", wire), made, version, (name, content) -> content);
        Files.move(made, modules.resolve("wire.jar"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void configure(Tongue tongue) throws IOException {
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port
            + "\": {\"pass\": \"applications/it\"}}, \"applications\": {\"it\": "
            + tongue.app(server, "app", "\"processes\": 2") + "}}");
    }

    @ParameterizedTest
    @CsvSource({"port, PYTHON", "fastcgi, PHP", "http, NODE", "libunit, EXTERNAL"})
    void comesAnewAndGoesUnderLoad(String name, Tongue tongue) throws Exception {
        String wire = "io.margay.wire." + name;
        Await.until("the type is known", () -> server.control().put("/config/applications/known",
            tongue.app(server, "app", "\"processes\": {\"spare\": 0}")).status() == 200);
        configure(tongue);
        Set<Long> before = others();
        try (Load load = Load.start(port, "/hello", CLIENTS)) {
            for (int i = 0; i < UPDATES; i++) {
                load.awaitMore(CLIENTS * 20);
                put(wire, "2.0." + i);
                Set<Long> old = before;
                Await.until("processes that speak by the new wire", Duration.ofSeconds(30), () -> {
                    Set<Long> now = others();
                    return !now.isEmpty() && now.stream().noneMatch(old::contains);
                });
                if (i > 0) {
                    server.awaitLog("bundle " + wire + " 2.0." + (i - 1) + " is uninstalled");
                }
                before = others();
            }
            load.awaitMore(CLIENTS * 20);

            Files.delete(modules.resolve("wire.jar"));
            server.awaitLog("wire.jar\" is gone and not in use: no more wire:" + name);
            server.awaitLog("bundle " + wire + " 2.0." + (UPDATES - 1) + " is uninstalled");
            Set<Long> last = before;
            Await.until("the server's own wire carries them again", Duration.ofSeconds(30),
                () -> others().stream().noneMatch(last::contains));
            load.awaitMore(CLIENTS * 20);
            assertEquals(List.of(), load.stop(), "not one request failed");
        }
        assertEquals("Hello world\n", Http.get(port, "/hello").text());
        server.control().apply("/config", "{\"listeners\": {}, \"applications\": {}}");
        Await.until("its processes are gone", () -> others().isEmpty());
        assertEquals(core, core(), "main, controller and router live on");
    }
}

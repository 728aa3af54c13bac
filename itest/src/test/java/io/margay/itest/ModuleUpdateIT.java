// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** A language module that is replaced and removed while the server works with it. */
@Timeout(180)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ModuleUpdateIT {
    private static final int CLIENTS = 4;
    private static final String SHIM = "margay_worker.py";

    private static TestServer server;
    private static Path modules;
    private static int port;
    private static Map<Long, String> core;

    @BeforeAll
    static void start() throws IOException {
        Path base = TestServer.directory();
        modules = Files.createDirectory(base.resolve("modules"));
        Files.copy(python(), modules.resolve("python.jar"));
        server = TestServer.replacing(base, modules);
        port = Distribution.freePorts(1).getFirst();
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "applications/probe"}},
             "applications": {"probe": %s}}""".formatted(port, server.python("probe", "wsgi", "\"processes\": 2")));
        core = core();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static Map<Long, String> core() {
        Map<Long, String> processes = server.processes();
        processes.values().removeIf(title -> title.startsWith("unit: \""));
        return processes;
    }

    private static Path python() throws IOException {
        try (Stream<Path> files = Files.list(Distribution.HOME.resolve("modules"))) {
            return files.filter(file -> file.getFileName().toString().contains("lang.python")).findFirst()
                .orElseThrow();
        }
    }

    /** The bundle of the distribution with another version, and its worker shim changed. */
    private static Path build(String version, UnaryOperator<String> shim) throws IOException {
        Path file = server.base().resolve("built.tmp");
        try (JarFile jar = new JarFile(python().toFile())) {
            Manifest manifest = jar.getManifest();
            manifest.getMainAttributes().putValue("Bundle-Version", version);
            try (OutputStream out = Files.newOutputStream(file); JarOutputStream copy = new JarOutputStream(out,
                    manifest)) {
                Enumeration<JarEntry> entries = jar.entries();
                while (entries.hasMoreElements()) {
                    JarEntry entry = entries.nextElement();
                    if (entry.getName().equals(JarFile.MANIFEST_NAME)) {
                        continue;
                    }
                    copy.putNextEntry(new JarEntry(entry.getName()));
                    try (InputStream in = jar.getInputStream(entry)) {
                        byte[] content = in.readAllBytes();
                        copy.write(entry.getName().endsWith(SHIM) ? shim.apply(new String(content,
                            StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8) : content);
                    }
                }
            }
        }
        return file;
    }

    /** Applications see which shim they run on. */
    private static UnaryOperator<String> marked(String mark) {
        return text -> text.replace("self.software = \"Unit/\"", "self.software = \"" + mark + "/\"");
    }

    private static void put(String name, Path file) throws IOException {
        Files.move(file, modules.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String software() throws IOException {
        String text = Http.get(port, "/environ").text();
        return text.replaceAll("(?s).*\"SERVER_SOFTWARE\": \"([^\"/]*)/.*", "$1");
    }

    private static Set<Long> workers() {
        return server.processes().entrySet().stream().filter(entry -> entry.getValue().startsWith("unit: \"probe\""))
            .map(Map.Entry::getKey).collect(Collectors.toSet());
    }

    private static Map<Long, Integer> descriptors() throws IOException {
        Map<Long, Integer> counts = new TreeMap<>();
        for (long pid : core.keySet()) {
            counts.put(pid, TestServer.descriptors(pid));
        }
        return counts;
    }

    /** A process that writes its title at this moment has a part of it only. */
    private static void undisturbed() {
        Await.until("main, controller and router are all there is", () -> core.equals(core()));
    }

    @Test
    @Order(1)
    void replacingTheJarMovesEveryRequestOver() throws Exception {
        assertEquals("Unit", software());
        Set<Long> before = workers();
        // The first digest of a module has Java open its sources of random numbers, which stay open.
        assertEquals(200, server.control().get("/modules").status());
        Map<Long, Integer> descriptors = descriptors();
        Set<String> seen = ConcurrentHashMap.newKeySet();
        try (Load load = Load.start(port, "/environ", CLIENTS, response ->
                seen.add(response.text().replaceAll("(?s).*\"SERVER_SOFTWARE\": \"([^\"/]*)/.*", "$1")))) {
            for (int i = 1; i <= 3; i++) {
                // The second round brings other code under the version of the first one.
                put("python.jar", build("2.0." + Math.max(1, i - 1), marked("Round" + i)));
                String mark = "Round" + i;
                Await.until("the new module answers", Duration.ofSeconds(20), () -> software().equals(mark));
                load.awaitMore(CLIENTS * 50);
            }
            assertEquals(List.of(), load.stop(), "not one request failed");
        }
        assertEquals(Set.of("Unit", "Round1", "Round2", "Round3"), seen);
        server.awaitLog("bundle io.margay.lang.python 2.0.2 takes the place of version 2.0.1");
        Await.until("the old processes are gone", () -> workers().stream().noneMatch(before::contains));
        Await.until("only one generation is left", () -> workers().size() == 3);
        server.awaitLog("bundle io.margay.lang.python 2.0.1 is uninstalled");
        // Fewer is no leak: a connection of the test may have been counted before.
        Await.until("nothing of the old modules is left open", () -> descriptors().entrySet().stream()
            .allMatch(now -> now.getValue() <= descriptors.get(now.getKey())));
        undisturbed();
    }

    @Test
    @Order(2)
    void aNewerVersionBesideItTakesItsPlace() throws Exception {
        try (Load load = Load.start(port, "/environ", CLIENTS)) {
            put("python-3.jar", build("3.0.0", marked("Beside")));
            Await.until("the new module answers", Duration.ofSeconds(20), () -> software().equals("Beside"));
            Files.delete(modules.resolve("python.jar"));
            load.awaitMore(CLIENTS * 50);
            server.expect("python-2.jar");
            put("python-2.jar", build("2.9.0", marked("Older")));
            server.awaitLog("python-2.jar\" is not used: bundle io.margay.lang.python 3.0.0 is installed already "
                + "from .*version 2.9.0 is not newer");
            assertEquals("Beside", software());
            Files.delete(modules.resolve("python-2.jar"));
            assertEquals(List.of(), load.stop());
        }
        undisturbed();
    }

    @Test
    @Order(3)
    void aModuleThatStartsNothingLeavesTheOldOneServing() throws Exception {
        server.expect("stays with the version|stays in use|SyntaxError");
        Set<Long> before = workers();
        try (Load load = Load.start(port, "/environ", CLIENTS)) {
            put("python-3.jar", build("3.1.0", text -> "this is no python\n"));
            server.awaitLog("\\[alert\\] .*application \"probe\" stays with the version of its language module that it "
                + "has: failed to start prototype \"probe\"");
            load.awaitMore(CLIENTS * 50);
            assertEquals("Beside", software());
            // Nothing is tried again with each change of something else.
            server.control().apply("/config/settings", "{\"http\": {}}");
            assertEquals(before, workers());
            // What dies is replaced from the old module, to which the router's encoder belongs.
            server.expect("exited on signal 9");
            TestServer.signal(server.await("unit: \"probe\" prototype"), "KILL");
            Await.until("all are replaced", () -> workers().size() == 3 && workers().stream()
                .noneMatch(before::contains));
            assertEquals("Beside", software());
            put("python-3.jar", build("3.2.0", marked("Good")));
            Await.until("the good module answers", Duration.ofSeconds(20), () -> software().equals("Good"));
            assertEquals(List.of(), load.stop());
        }
        undisturbed();
    }

    @Test
    @Order(4)
    void aDeletedJarStaysLoadedWhileItIsInUse() throws Exception {
        try (Load load = Load.start(port, "/environ", CLIENTS)) {
            Files.delete(modules.resolve("python-3.jar"));
            server.awaitLog("\\[warn\\] .*module \"" + modules + "/python-3.jar\" is gone; bundle "
                + "io.margay.lang.python stays loaded as long as the configuration uses it: \"probe\"");
            load.awaitMore(CLIENTS * 50);
            assertEquals(List.of(), load.stop());
        }
        undisturbed();
    }

    @Test
    @Order(5)
    void itGoesWithItsLastUserAndComesBack() throws Exception {
        String configuration = server.control().get("/config").text();
        server.control().apply("/config", "{\"listeners\": {}, \"applications\": {}}");
        server.awaitLog("module \"" + modules + "/python-3.jar\" is gone and not in use");
        // A change on its way when the module goes is refused by the router, which knows first.
        server.expect("failed to apply new conf: The module to run");
        Await.until("the type is unknown", () -> server.control().put("/config", configuration).status() == 400);
        Await.until("the status names none", () -> server.control().get("/status/modules/python").status() == 404);
        put("python.jar", build("1.0.0", marked("Again")));
        Await.until("the same change succeeds", () -> server.control().put("/config", configuration).status() == 200);
        assertEquals("Again", software());
        assertNotEquals(404, server.control().get("/status/modules/python").status());
        undisturbed();
    }
}

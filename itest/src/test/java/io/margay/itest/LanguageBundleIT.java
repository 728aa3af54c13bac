// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each language is one bundle: added, replaced and removed under load, and enough for a root of its own. */
@Timeout(180)
class LanguageBundleIT {
    private static final int CLIENTS = 3;
    /** For JVMs to start on a machine that has more to do. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static TestServer server;
    private static Path modules;
    private static int port;
    private static Map<Long, String> core;

    @BeforeAll
    static void start() throws IOException {
        Path base = TestServer.directory();
        modules = Files.createDirectory(base.resolve("modules"));
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

    /** The bundle of the distribution with another version, whose applications see another name of the server. */
    private static Path build(Tongue tongue, String version, String name) throws IOException {
        Path file = server.base().resolve("built.tmp");
        AtomicBoolean marked = new AtomicBoolean(tongue.file.isEmpty());
        JarCopy.write(tongue.bundle(), file, version, (entry, before) -> {
            String after = marked(tongue, entry) ? before.replace("\"Unit/", "\"" + name + "/") : before;
            marked.compareAndSet(false, !before.equals(after));
            return after;
        });
        assertTrue(marked.get(), tongue.file + " has the name of the server");
        return file;
    }

    private static boolean marked(Tongue tongue, String entry) {
        return !tongue.file.isEmpty() && entry.endsWith("/" + tongue.file);
    }

    private static void put(String name, Path file) throws IOException {
        Files.move(file, modules.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private static Response configure(Tongue tongue, String members) throws IOException {
        return server.control().put("/config", "{\"listeners\": {\"127.0.0.1:" + port
            + "\": {\"pass\": \"applications/it\"}}, \"applications\": {\"it\": " + tongue.app(server, "app", members)
            + "}}");
    }

    /** The processes of applications. */
    private static Set<Long> workers() {
        Set<Long> workers = new TreeSet<>(server.processes().keySet());
        workers.removeAll(core.keySet());
        return workers;
    }

    /** Modules that tell their applications no name have replaced the processes. */
    private static boolean answers(Tongue tongue, String name, Set<Long> before) throws IOException {
        return tongue.file.isEmpty() ? !workers().isEmpty() && workers().stream().noneMatch(before::contains)
            : Http.get(port, "/software").text().startsWith(name);
    }

    /** ASGI, resident workers of PHP and components are in bundles that have a row without them. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"ASGI", "PHP_WORKER", "COMPONENT"})
    void comesChangesAndGoes(Tongue tongue) throws Exception {
        String jar = tongue.word() + ".jar";
        server.expect("failed to apply new conf: The module to run");
        Response refused = configure(tongue, "\"processes\": 2");
        assertEquals(400, refused.status());
        assertTrue(refused.text().contains("The module to run \\\"" + tongue.type() + "\\\" is not found"),
            refused.text());

        put(jar, build(tongue, "2.0.0", "First"));
        Await.until("the type is known", () -> configure(tongue, "\"processes\": 2").status() == 200);
        Set<String> seen = ConcurrentHashMap.newKeySet();
        String target = tongue.file.isEmpty() ? "/hello" : "/software";
        try (Load load = Load.start(port, target, CLIENTS, response -> seen.add(response.text()))) {
            for (String name : new String[] {"Second", "Third"}) {
                Set<Long> before = workers();
                put(jar, build(tongue, name.equals("Second") ? "2.0.1" : "2.0.2", name));
                Await.until("the new module answers", PATIENCE, () -> answers(tongue, name, before));
                load.awaitMore(CLIENTS * 20);
            }
            assertEquals(List.of(), load.stop(), "not one request failed");
        }
        assertEquals(tongue.file.isEmpty() ? Set.of("Hello world\n") : 3, tongue.file.isEmpty() ? seen : seen.size(),
            seen.toString());

        server.control().apply("/config", "{\"listeners\": {}, \"applications\": {}}");
        Files.delete(modules.resolve(jar));
        Await.until("the bundle is gone", () ->
            server.control().get("/modules/io.margay.lang." + tongue.word()).status() == 404);
        Await.until("the type is unknown",
            () -> server.control().get("/status/modules/" + tongue.type()).status() == 404);
        assertEquals(400, configure(tongue, "\"processes\": 2").status());
        Await.until("its processes are gone", () -> server.processes().size() == core.size());
        assertEquals(core, core(), "main, controller and router live on");
    }

    /** A server that somebody has is in a root with all that it needs, as a program for {@code external} is. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"ASGI", "HTTP"})
    void runsInARootOfItsOwn(Tongue tongue) throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "mounts need root");
        assumeTrue(Tongue.all().contains(tongue), "the bundle was built without npm");
        put(tongue.word() + ".jar", build(tongue, "3.0.0", "Rooted"));
        Path root = Files.createDirectory(server.base().resolve("root-" + tongue.word()));
        tongue.into(server, root);
        String conf = "{\"listeners\": {\"127.0.0.1:" + port + "\": {\"pass\": \"applications/it\"}}, "
            + "\"applications\": {\"it\": " + tongue.at("/app", "app", tongue.loads() ? tongue.threads(2)
                : "\"processes\": 1", "\"isolation\": "
                + "{\"rootfs\": \"" + root + "\", \"namespaces\": {\"mount\": true, \"pid\": true}}")
            + "}}";
        Await.until("the type is known", () -> server.control().put("/config", conf).status() != 400);
        server.control().apply("/config", conf);
        assertEquals("Hello world\n", Http.get(port, "/hello").text());
        if (!tongue.file.isEmpty()) {
            assertTrue(Http.get(port, "/software").text().startsWith("Rooted/"));
        }
        assertTrue(Http.get(port, "/pid").text().matches("\\d"), "one of the first processes of its namespace");
        server.control().apply("/config", "{\"listeners\": {}, \"applications\": {}}");
        Await.until("its processes are gone", () -> server.processes().size() == core.size());
        Files.delete(modules.resolve(tongue.word() + ".jar"));
    }
}

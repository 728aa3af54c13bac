// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Applications in namespaces and roots of their own ({@code spec/isolation.md}). */
@Timeout(120)
class IsolationIT {
    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "arbitrary maps, mounts and roots need root");
        server = TestServer.speaking("python", "php", "node");
        port = Distribution.freePorts(1).getFirst();
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes"}}, "routes": [{"action": {"return": 404}}],
             "applications": {}}""".formatted(port));
    }

    @AfterAll
    static void stop() throws IOException {
        if (server != null) {
            server.close();
        }
    }

    /** What the application sees when it runs with this isolation object. */
    private static JsonObject seen(String name, String application) throws IOException {
        server.control().apply("/config/applications/" + name, application);
        server.control().apply("/config/listeners/127.0.0.1:" + port, "{\"pass\": \"applications/" + name + "\"}");
        Response response = Http.get(port, "/isolation");
        assertEquals(200, response.status(), response.text());
        return JsonParser.parseString(response.text()).getAsJsonObject();
    }

    private static String isolated(String isolation) throws IOException {
        return server.python("probe", "wsgi", "\"isolation\": " + isolation);
    }

    private static String ownNamespace(String kind) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/ns/" + kind)).toString();
    }

    @ParameterizedTest
    @CsvSource({"network, net", "mount, mnt", "uname, uts", "cgroup, cgroup", "pid, pid", "credential, user"})
    void eachNamespaceAlone(String option, String kind) throws IOException {
        JsonObject namespaces = seen("one-" + option, isolated("{\"namespaces\": {\"" + option + "\": true}}"))
            .getAsJsonObject("namespaces");
        assertNotEquals(ownNamespace(kind), namespaces.get(kind).getAsString());
        String other = kind.equals("uts") ? "ipc" : "uts";
        assertEquals(ownNamespace(other), namespaces.get(other).getAsString(), "only what was asked for");
    }

    @Test
    void allNamespacesWithMaps() throws IOException {
        JsonObject seen = seen("all", isolated("""
            {"namespaces": {"credential": true, "pid": true, "network": true, "mount": true, "uname": true,
                            "cgroup": true},
             "uidmap": [{"container": 0, "host": 200000, "size": 1}, {"container": 65534, "host": 65534, "size": 1}],
             "gidmap": [{"container": 0, "host": 200000, "size": 1}, {"container": 65534, "host": 65534, "size": 1}]}
            """));
        for (String kind : List.of("net", "mnt", "uts", "cgroup", "pid", "user")) {
            assertNotEquals(ownNamespace(kind), seen.getAsJsonObject("namespaces").get(kind).getAsString(), kind);
        }
        assertEquals("0 200000 1\n65534 65534 1", seen.get("uid_map").getAsString());
        assertEquals("0 200000 1\n65534 65534 1", seen.get("gid_map").getAsString());
        assertEquals(1, seen.get("ppid").getAsInt(), "the prototype is the first process of its namespace");
        assertEquals(65534, seen.get("uid").getAsInt());
        assertEquals(List.of("lo"), seen.getAsJsonArray("interfaces").asList().stream()
            .map(one -> one.getAsString()).toList());
    }

    @Test
    void aRootOfItsOwnWithTheMountsOfTheLanguage() throws IOException {
        Path root = Files.createDirectory(server.base().resolve("root"));
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path app = Files.createDirectory(root.resolve("app"));
        Files.copy(server.app("probe").resolve("wsgi.py"), app.resolve("wsgi.py"));
        JsonObject seen = seen("rooted", """
            {"type": "python", "path": "/app", "module": "wsgi",
             "isolation": {"rootfs": "%s", "namespaces": {"mount": true, "pid": true, "credential": true}}}
            """.formatted(root));
        List<String> entries = seen.getAsJsonArray("root").asList().stream().map(one -> one.getAsString()).toList();
        assertTrue(entries.contains("app"), entries.toString());
        assertFalse(entries.contains("home") || entries.contains("etc"), "nothing of the host: " + entries);
        assertEquals(1, seen.get("ppid").getAsInt());
        server.control().apply("/config/listeners/127.0.0.1:" + port, "{\"pass\": \"routes\"}");
        server.control().delete("/config/applications/rooted");
        Await.until("the mounts are gone with the application", () ->
            Files.readAllLines(Path.of("/proc/mounts")).stream().noneMatch(line -> line.contains(root.toString())));
        try (Stream<Path> left = Files.list(app)) {
            assertEquals(List.of(app.resolve("wsgi.py")), left.filter(file -> !file.endsWith("__pycache__")).toList());
        }
    }

    private static List<String> mountsBelow(Path root) throws IOException {
        return Files.readAllLines(Path.of("/proc/mounts")).stream().filter(line -> line.contains(root.toString()))
            .toList();
    }

    /** Without a mount namespace of its own, and so without one that its processes share by configuration. */
    @ParameterizedTest
    @CsvSource({"PYTHON", "PHP", "NODE"})
    void successiveProcessesDoNotMountOverEachOther(Tongue tongue) throws Exception {
        Path root = Files.createDirectory(server.base().resolve("plain-" + tongue.word()));
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        tongue.into(server, root);
        String name = "plain-" + tongue.word();
        server.control().apply("/config/applications/" + name, tongue.at("/app", "app", "\"processes\": 2",
            "\"isolation\": {\"rootfs\": \"" + root + "\"}"));
        server.control().apply("/config/listeners/127.0.0.1:" + port, "{\"pass\": \"applications/" + name + "\"}");
        try (Load load = Load.start(port, "/hello", 3)) {
            for (int i = 0; i < 3; i++) {
                load.awaitMore(20);
                assertEquals(200, server.control().get("/control/applications/" + name + "/restart").status());
                assertEquals(List.of(), mountsBelow(root), "the host sees none");
            }
            load.awaitMore(40);
            assertEquals(List.of(), load.stop());
        }
        server.control().apply("/config/listeners/127.0.0.1:" + port, "{\"pass\": \"routes\"}");
        server.control().delete("/config/applications/" + name);
        Await.until("its processes are gone", () -> server.processes().values().stream()
            .noneMatch(title -> title.contains(name)));
        assertEquals(List.of(), mountsBelow(root));
        try (Stream<Path> left = Files.list(root.resolve("tmp"))) {
            assertEquals(0, left.count(), "what they wrote was in memory");
        }
    }

    private static List<Long> workersOf(String name) {
        return server.processes().entrySet().stream()
            .filter(entry -> entry.getValue().equals("unit: \"" + name + "\" application")).map(Map.Entry::getKey)
            .toList();
    }

    private static List<Long> twoOf(String name, long without) {
        return Await.value("two processes of " + name, Await.PATIENCE, () -> Optional.of(workersOf(name))
            .filter(pids -> pids.size() == 2 && !pids.contains(without)));
    }

    private static List<String> namespacesOf(long pid, String... kinds) throws IOException {
        List<String> links = new ArrayList<>();
        for (String kind : kinds) {
            links.add(Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/" + kind)).toString());
        }
        return links;
    }

    private static Stream<Long> childrenOf(long pid) {
        return ProcessHandle.of(pid).stream().flatMap(ProcessHandle::children).map(ProcessHandle::pid);
    }

    private static String requested(String path) throws IOException {
        Response response = Http.get(port, path);
        assertEquals(200, response.status(), response.text());
        return response.text();
    }

    private static Path holdersScript() throws IOException {
        Path script = server.base().resolve("held.js");
        return Files.writeString(script, """
            const {execFileSync} = require("node:child_process");
            require("node:http").createServer((request, response) => {
                if (request.url === "/orphan") {
                    // The shell leaves before what it has started.
                    execFileSync("/bin/sh", ["-c", "sleep 0.2 > /dev/null 2>&1 &"]);
                    response.end("left");
                } else {
                    response.end(`${process.pid} ${process.ppid}`);
                }
            }).listen(8000);
            """);
    }

    /** Node does not fork: a process of the server holds what its workers share, as the prototype does elsewhere. */
    @Test
    void processesThatDoNotForkShareWhatAHolderKeeps() throws Exception {
        String name = "held";
        int descriptors = TestServer.descriptors(server.await("unit: main"));
        server.control().apply("/config/applications/" + name, """
            {"type": "node", "script": "%s", "processes": 2,
             "isolation": {"namespaces": {"pid": true, "mount": true, "network": true, "uname": true}}}
            """.formatted(holdersScript()));
        server.control().apply("/config/listeners/127.0.0.1:" + port, "{\"pass\": \"applications/" + name + "\"}");
        long holder = server.await("unit: \"held\" prototype");
        List<Long> workers = twoOf(name, 0);
        String[] kinds = {"pid", "mnt", "net", "uts"};
        for (String kind : kinds) {
            assertNotEquals(ownNamespace(kind), namespacesOf(holder, kind).getFirst(), kind);
        }
        for (long worker : workers) {
            assertEquals(namespacesOf(holder, kinds), namespacesOf(worker, kinds));
        }
        assertTrue(requested("/").matches("([2-9]|\\d\\d+) 0"), "not the first process; its parent is outside");

        assertEquals("left", requested("/orphan"));
        Await.until("the holder has reaped the orphan", () -> childrenOf(holder).findAny().isEmpty());

        TestServer.signal(workers.getFirst(), "KILL");
        List<Long> next = twoOf(name, workers.getFirst());
        assertTrue(next.contains(workers.getLast()), "the other one stays: " + next);
        assertEquals(holder, server.await("unit: \"held\" prototype"));
        assertEquals(namespacesOf(holder, kinds), namespacesOf(next.getFirst(), kinds));
        assertEquals(namespacesOf(holder, kinds), namespacesOf(next.getLast(), kinds));

        server.expect("process \\d+ exited on signal 9");
        TestServer.signal(holder, "KILL");
        Await.until("another holder", () -> server.processes().entrySet().stream().anyMatch(entry ->
            entry.getValue().equals("unit: \"held\" prototype") && entry.getKey() != holder));
        Await.until("it serves again", () -> Http.get(port, "/").status() == 200);
        assertTrue(twoOf(name, 0).stream().noneMatch(next::contains), "none of them is left");

        long second = server.await("unit: \"held\" prototype");
        try (Load load = Load.start(port, "/", 2)) {
            load.awaitMore(10);
            assertEquals(200, server.control().get("/control/applications/" + name + "/restart").status());
            Await.until("the old holder has left after its workers", () -> !server.processes().containsKey(second));
            load.awaitMore(10);
            assertEquals(List.of(), load.stop());
        }
        server.control().apply("/config/listeners/127.0.0.1:" + port, "{\"pass\": \"routes\"}");
        server.control().delete("/config/applications/" + name);
        Await.until("its processes are gone", () -> server.processes().values().stream()
            .noneMatch(title -> title.contains(name)));
        Await.until("main has let go of them", () ->
            TestServer.descriptors(server.await("unit: main")) <= descriptors);
    }

    @ParameterizedTest
    @CsvSource({"true, 0", "false, 1"})
    void newPrivileges(boolean allowed, int flag) throws IOException {
        JsonObject seen = seen("privileges", isolated("{\"new_privs\": " + allowed + "}"));
        assertEquals(flag, seen.get("no_new_privs").getAsInt());
    }

    @Test
    void aMapThatCannotBeIsRefusedWithItsReason() throws IOException {
        Response response = server.control().put("/config/applications/wrong", isolated(
            "{\"namespaces\": {\"credential\": true}, \"uidmap\": [{\"container\": 0, \"host\": 0, \"size\": 1}]}"));
        assertTrue(response.status() >= 400, response.text());
        assertTrue(response.text().contains("uid"), response.text());
        server.expect("\\[alert\\].*(wrong|failed to apply|uid)");
        assertEquals(404, server.control().get("/config/applications/wrong").status(), "nothing changed");
    }
}

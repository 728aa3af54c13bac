// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.jar.Attributes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bundle that router and controller consist of, and that is no extension, gets a newer jar while they serve. */
@Timeout(600)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CorePatchIT {

    private static final String PART = "io.margay.http";
    private static final String PATH = "/modules/" + PART;
    private static final String GET = "GET /fixed HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private static TestServer server;
    private static Path modules;
    private static int port;
    private static int tls;

    @BeforeAll
    static void start() throws Exception {
        server = TestServer.speaking();
        modules = server.base().resolve("modules");
        List<Integer> ports = Distribution.freePorts(2);
        port = ports.getFirst();
        tls = ports.getLast();
        OpenSsl ssl = new OpenSsl(Files.createDirectory(server.base().resolve("pem")));
        ssl.selfSigned("it", "rsa:2048");
        server.control().apply("/certificates/it", ssl.join("it.crt", "it.key"));
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes"},
               "127.0.0.1:%d": {"pass": "routes", "tls": {"certificate": "it"}}},
             "routes": [{"match": {"uri": "/fixed"}, "action": {"return": 200}},
               {"action": {"share": "/nowhere$uri"}}]}""".formatted(port, tls));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    /** The bundle with another title of its error pages, which is as long as the one that it has. */
    private static Path jar(String version, String title, Consumer<Attributes> headers) throws IOException {
        Path file = server.base().resolve(PART + "-" + version + ".jar");
        JarCopy.write(JarCopy.original("system", PART), file, version, headers, (name, content) ->
            name.endsWith("/ErrorPages.class") ? content.replace("<title>Error ", "<title>" + title + " ") : content);
        return file;
    }

    private static Path jar(String version, String title) throws IOException {
        return jar(version, title, headers -> { });
    }

    private static String unitctl(int code, String... arguments) throws Exception {
        String[] command = new String[arguments.length + 3];
        command[0] = Distribution.HOME.resolve("bin/unitctl").toString();
        command[1] = "-s";
        command[2] = "unix:" + server.base().resolve("control.sock");
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        Distribution.Result result = Distribution.run(server.base(), Map.of(), PATIENCE, command);
        assertEquals(code, result.code(), result.out() + result.err());
        return result.out() + result.err();
    }

    /** The title of the page for what is not there: the router's own code writes it. */
    private static String title() throws IOException {
        return Http.get(port, "/nothing").text().replaceAll("(?s).*<title>(\\w+) .*", "$1");
    }

    private static String version() throws IOException {
        return server.control().get(PATH + "/version").text();
    }

    private static Map<Long, String> core() {
        Map<Long, String> processes = server.processes();
        processes.values().removeIf(title -> !title.equals("unit: router") && !title.equals("unit: controller"));
        return processes;
    }

    /** Waits until there is another router and another controller, and nothing else of the kind. */
    private static Map<Long, String> replaced(Map<Long, String> before) {
        return Await.value("one other router and one other controller are left", PATIENCE, () -> Optional.of(core())
            .filter(now -> now.size() == 2 && before.keySet().stream().noneMatch(now::containsKey)));
    }

    private static Callers callers() {
        return new Callers()
            .with("kept", 1, answers -> Callers.keepAlive(Http.tcp(port), GET, "", answers))
            .with("new", 1, answers -> {
                try (Http http = Http.tcp(port)) {
                    String line = http.exchange(GET).statusLine();
                    answers.good();
                    return line.contains(" 200 ") ? "" : line;
                }
            })
            .with("control", 1, answers -> {
                Response reply = server.control().get("/config/routes/0/action/return");
                answers.good();
                return reply.status() == 200 ? "" : reply.statusLine();
            });
    }

    @Test
    @Order(1)
    void isPatchedAndPutBackUnderLoad() throws Exception {
        assertEquals("Error", title());
        Map<Long, String> before = core();
        try (Callers callers = callers()) {
            callers.awaitMore(5);
            // Processes without the boot cache take long to start, and as long would all that the machine can give.
            callers.gently();
            String updated = unitctl(0, "module", "update", jar("1.0.1", "Patch").toString());
            assertTrue(updated.contains("\"version\": \"1.0.1\""), updated);
            Await.until("the new code serves", PATIENCE, () -> title().equals("Patch"));
            before = replaced(before);
            assertTrue(unitctl(0, "module", "list", "-t", "text").matches(
                "(?s).*io.margay.http +1.0.1 +store +part of controller, router\n.*"));
            server.awaitLog("a new router runs with newer jars, and so without the boot cache: io.margay.http-");
            callers.awaitMore(5);
            unitctl(0, "module", "rollback", PART);
            assertEquals("Error", title());
            before = replaced(before);
            unitctl(0, "module", "rollback", PART);
            assertEquals("Patch", title());
            replaced(before);
            callers.awaitMore(5);
            assertEquals(Map.of(), callers.stop(), "not one request failed");
        }
    }

    /** The process with it never serves, and whoever asks hears why. */
    @Test
    @Order(2)
    void aJarThatDoesNotResolveLeavesAllAsItWas() throws Exception {
        server.expect("no.such.thing|is not replaced|exited with code 1|^\\s+at ");
        Map<Long, String> before = core();
        try (Callers callers = callers()) {
            callers.gently();
            callers.awaitMore(5);
            String refused = unitctl(1, "module", "update", jar("1.0.2", "Wrong", headers -> headers.putValue(
                "Import-Package", "no.such.thing," + headers.getValue("Import-Package"))).toString());
            assertTrue(refused.contains("the new router ended before it served"), refused);
            callers.awaitMore(5);
            assertEquals(Map.of(), callers.stop(), "not one request failed");
        }
        server.awaitLog("no.such.thing");
        Await.until("the processes of before are left", PATIENCE, () -> core().equals(before));
        assertEquals("Patch", title());
        assertTrue(version().contains("1.0.1"), version());
    }

    @Test
    @Order(3)
    void isThereAfterARestart() throws Exception {
        server.expect("exited on signal|ended");
        Map<Long, String> before = core();
        TestServer.signal(server.pid(), "KILL");
        Await.until("its children are gone", PATIENCE, () -> before.keySet().stream().noneMatch(pid ->
            ProcessHandle.of(pid).isPresent()));
        server.restart(PATIENCE);
        Await.until("it serves", PATIENCE, () -> {
            try {
                return Http.get(port, "/fixed").status() == 200;
            } catch (IOException e) {
                // It restores its configuration still.
                return false;
            }
        });
        assertEquals("Patch", title(), "never without it");
        assertTrue(version().contains("1.0.1"), version());
        String log = server.log();
        assertFalse(log.substring(log.lastIndexOf("discovery started")).contains("is being replaced"),
            "the processes have it from their start");
    }

    @Test
    @Order(4)
    void isRemoved() throws Exception {
        Map<Long, String> before = core();
        unitctl(0, "module", "remove", PART);
        assertEquals("Error", title());
        replaced(before);
        assertTrue(server.control().get(PATH).text().contains("\"removed\": true"));
    }

    @Test
    @Order(5)
    void comesWithTheDirectoryAndGoesWithIt() throws Exception {
        Map<Long, String> before = core();
        Path file = modules.resolve("http.jar");
        Files.move(jar("1.0.3", "Third"), file, StandardCopyOption.ATOMIC_MOVE);
        Await.until("the new code serves", PATIENCE, () -> title().equals("Third"));
        Await.until("it is listed", PATIENCE, () -> version().contains("1.0.3"));
        before = replaced(before);
        Files.delete(file);
        Await.until("the code of the server serves", PATIENCE, () -> title().equals("Error"));
        replaced(before);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        io.margay.http   | 0.9.0 | version 0.9.0 of bundle io.margay.http is older than 1.0.0.SNAPSHOT
        io.margay.main   | 2.0.0 | bundle io.margay.main is a part of main
        io.margay.slf4j  | 2.0.0 | it is no extension
        """)
    @Order(6)
    void whatIsNoNewerPartIsRefused(String bundle, String version, String reason) throws Exception {
        Path file = server.base().resolve("other.jar");
        JarCopy.write(JarCopy.original(bundle.endsWith("slf4j") ? "console" : "system", bundle), file, version,
            (name, content) -> content);
        Map<Long, String> before = core();
        assertTrue(unitctl(1, "module", "update", file.toString()).contains(reason));
        assertEquals(before, core());
        assertNotEquals("Third", title());
    }

    private static String version(String library) throws IOException {
        return server.control().get("/control/inspect/router/bundles").text()
            .replaceAll("\\s+", "").replaceAll(".*\\{([^{}]*\"" + library + "\"[^{}]*)}.*", "$1");
    }

    private static String http2(HttpClient client, Callers.Answers answers) throws IOException {
        HttpResponse<String> response = Http2IT.ask(client, tls, "/fixed", "");
        answers.good();
        return response.statusCode() == 200 ? "" : response.toString();
    }

    /** A library below the server's own code is patched by the same command, while it is in use. */
    @Test
    @Order(7)
    void aLibraryIsPatchedWhileItsProtocolIsServed() throws Exception {
        String library = "io.netty.codec-http";
        Path file = server.base().resolve("netty.jar");
        JarCopy.write(JarCopy.original("system", "netty-codec-http"), file, "4.99.0", (name, content) -> content);
        Map<Long, String> before = core();
        try (HttpClient client = Http2IT.client(); Callers callers = callers()
                .with("http2", 1, answers -> http2(client, answers))) {
            callers.awaitMore(5);
            callers.gently();
            unitctl(0, "module", "update", file.toString());
            before = replaced(before);
            assertTrue(version(library).contains("4.99.0"), version(library));
            callers.awaitMore(5);
            unitctl(0, "module", "remove", library);
            replaced(before);
            assertTrue(version(library).contains("\"4.2."), version(library));
            callers.awaitMore(5);
            assertEquals(Map.of(), callers.stop(), "not one request failed");
        }
    }
}

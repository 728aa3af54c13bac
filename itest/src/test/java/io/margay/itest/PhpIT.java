// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PHP applications ({@code spec/languages.md §11.1}) by php-fpm. */
@Timeout(120)
class PhpIT {

    private static int port;
    private static int other;
    private static Path root;
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("php");
        List<Integer> ports = Distribution.freePorts(2);
        port = ports.get(0);
        other = ports.get(1);
        root = server.app("php");
        Path index = root.resolve("index.php");
        for (String name : new String[] {"a.php", "sub/index.php", "sub/b.php", "two/start.php", "p q.php"}) {
            Files.createDirectories(root.resolve(name).getParent());
            Files.copy(index, root.resolve(name));
        }
        Files.writeString(root.resolve("plain.txt"), "plain");
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "applications/php"}, "127.0.0.1:%d": {"pass": "routes"}},
             "routes": [{"action": {"return": 404}}],
             "applications": {"php": {"type": "php", "root": "%s", "processes": 2}}}""".formatted(port, other, root));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String get(String target) throws IOException {
        return get(port, target);
    }

    private static String get(int at, String target) throws IOException {
        Response response = Http.get(at, target);
        assertEquals(200, response.status(), target);
        return response.text();
    }

    /** Serves an application on the other port. */
    private static void also(String name, String members, String pass) throws IOException {
        server.control().apply("/config/applications/" + name, "{\"type\": \"php\", " + members + "}");
        server.control().apply("/config/listeners/127.0.0.1:" + other, "{\"pass\": \"applications/" + pass + "\"}");
    }

    private static Set<Long> children(String name) {
        Map<Long, String> processes = server.processes();
        processes.values().removeIf(title -> !title.equals("php-fpm: pool " + name));
        return Set.copyOf(processes.keySet());
    }

    @ParameterizedTest
    @CsvSource({
        "/, /index.php, -, ''", "/index.php, /index.php, -, ''", "/a.php, /a.php, -, ''",
        "/sub/, /sub/index.php, -, /sub", "/sub/b.php, /sub/b.php, -, /sub",
        "/a.php/x/y, /a.php, /x/y, ''", "/a.php/, /a.php, /, ''", "/sub/b.php/c.php/d, /sub/b.php, /c.php/d, /sub",
        "/p%20q.php, /p q.php, -, ''", "//sub/../a.php?x, /a.php, -, ''"})
    void pathInfo(String target, String script, String info, String directory) throws IOException {
        assertEquals("SCRIPT_NAME=" + script + " SCRIPT_FILENAME=" + root + script + " DOCUMENT_ROOT=" + root
            + " PATH_INFO=" + info + " PHP_SELF=" + script + (info.equals("-") ? "" : info)
            + " cwd=" + root + directory, get(target));
    }

    @ParameterizedTest
    @CsvSource({"/none.php, 404", "/none/, 404", "/none.php/x, 404", "/a.php2, 404", "/none, 404", "/plain.txt, 503",
        "/plain.txt/x.php, 403"})
    void whatIsNoScript(String target, int status) throws IOException {
        assertEquals(status, Http.get(port, target).status());
        assertEquals(200, Http.get(port, "/a.php").status());
    }

    @Test
    void whatMayNotBeReadIsForbidden() throws IOException {
        Path file = Files.createFile(root.resolve("secret.php"));
        Files.setPosixFilePermissions(file, Set.of());
        assertEquals(403, Http.get(port, "/secret.php").status());
    }

    @Test
    void aDirectoryWithoutItsSlash() throws IOException {
        try (Http http = Http.tcp(port)) {
            Response response = http.exchange("GET /sub?x=y HTTP/1.1\r\nHost: example.com\r\n\r\n");
            assertEquals(301, response.status());
            assertEquals("http://example.com:" + port + "/sub/?x=y", response.header("Location").orElseThrow());
            assertEquals(200, http.exchange("GET /sub/ HTTP/1.1\r\nHost: example.com\r\n\r\n").status());
        }
    }

    @Test
    void targets() throws IOException {
        String members = "\"targets\": {\"all\": {\"root\": \"" + root + "\", \"script\": \"sub/b.php\"}, "
            + "\"two\": {\"root\": \"" + root + "/two\", \"index\": \"start.php\"}}";
        also("targets", members, "targets/all");
        assertTrue(get(other, "/any/thing.php/at?all").startsWith("SCRIPT_NAME=/sub/b.php SCRIPT_FILENAME=" + root
            + "/sub/b.php DOCUMENT_ROOT=" + root + " PATH_INFO=- PHP_SELF=/sub/b.php "));
        also("targets", members, "targets/two");
        assertTrue(get(other, "/").startsWith("SCRIPT_NAME=/start.php SCRIPT_FILENAME=" + root + "/two/start.php "));
    }

    @Test
    void options() throws IOException {
        Path file = Files.writeString(server.base().resolve("my.ini"), "auto_detect_line_endings = 0\n"
            + "assert.callback = from_the_file\n");
        also("options", "\"root\": \"" + root + "\", \"working_directory\": \"" + server.base()
            + "\", \"environment\": {\"GREETING\": \"h\u00e9llo\"}, \"options\": {\"file\": \"" + file.getFileName()
            + "\", \"admin\": {\"user_agent\": \"it's\\n${HOME}\"}, \"user\": {\"default_charset\": \"ab;c\"}}}"
            .replaceFirst("}$", ""), "options");
        assertEquals("it's\n${HOME}", get(other, "/?do=ini&name=user_agent"), "scripts cannot change it");
        assertEquals("changed", get(other, "/?do=ini&name=default_charset"));
        assertEquals("text/html;charset=ab;c", Http.get(other, "/").header("Content-Type").orElseThrow()
            .replace("; ", ";").replaceAll("\\s", ""));
        assertEquals("h\u00e9llo", new String(Http.get(other, "/?do=env&name=GREETING").body(),
            StandardCharsets.UTF_8));
        server.expect("failed to start application|failed to apply|is no directory");
        Response refused = server.control().put("/config/applications/none",
            "{\"type\": \"php\", \"root\": \"/nowhere/to/be/found\"}");
        assertEquals(500, refused.status());
        assertTrue(refused.text().contains("is no directory"), refused.text());
    }

    @Test
    void variablesOfTheRequest() throws IOException {
        try (Http http = Http.tcp(port)) {
            String fields = " HTTP/1.1\r\nHost: Example.com:99\r\nX-A: 1\r\nx-a: 2\r\nProxy: evil\r\n"
                + "Authorization: Basic dXNlcjpwYXNz\r\n\r\n";
            String[][] cases = {{"HTTP_X_A", "1, 2"}, {"HTTP_PROXY", "-"}, {"SERVER_NAME", "example.com"},
                {"HTTP_HOST", "Example.com:99"}, {"SERVER_PORT", Integer.toString(port)}, {"HTTPS", "-"},
                {"REMOTE_ADDR", "127.0.0.1"}, {"REMOTE_PORT", "-"}, {"GATEWAY_INTERFACE", "-"},
                {"REQUEST_METHOD", "GET"}, {"CONTENT_LENGTH", "-"}, {"REQUEST_URI", "/?do=server&name=REQUEST_URI"},
                {"QUERY_STRING", "do=server&name=QUERY_STRING"}};
            for (String[] one : cases) {
                assertEquals(one[1], http.exchange("GET /?do=server&name=" + one[0] + fields).text(), one[0]);
            }
            assertTrue(http.exchange("GET /?do=server&name=SERVER_SOFTWARE" + fields).text().startsWith("Unit/"));
            assertEquals("user pass", http.exchange("GET /?do=auth" + fields).text());
            String body = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n"
                + "z".repeat(300_000) + "\r\n--b\r\nContent-Disposition: form-data; name=\"g\"\r\n\r\nh\r\n--b--\r\n";
            assertEquals("{\"g\":\"h\"} 300000", http.exchange("POST /?do=post HTTP/1.1\r\nHost: a\r\n"
                + "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + body).text());
        }
    }

    @Test
    void aResetOfTheCacheFailsNoRequest() throws Exception {
        try (Load load = Load.start(port, "/?do=pid", 4)) {
            long begin = System.nanoTime();
            for (int i = 1; i <= 30; i++) {
                assertEquals("reset", get("/?do=reset"));
                long next = begin + i * 100_000_000L;
                Await.until("a tenth of a second is over", () -> System.nanoTime() > next);
            }
            assertEquals(List.of(), load.stop());
        }
        assertEquals("cached", get("/?do=cached"));
    }

    @Test
    void flushSendsWhatThereIs() throws Exception {
        Path file = server.base().resolve("flushed");
        try (Http http = Http.tcp(port)) {
            http.send("GET /?do=flush&file=" + file + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            StringBuilder seen = new StringBuilder();
            Response head = http.response(true);
            assertEquals(200, head.status());
            Files.createFile(file);
            seen.append(new String(http.rest(), StandardCharsets.ISO_8859_1));
            assertTrue(seen.indexOf("5\r\nfirst\r\n") >= 0 && seen.indexOf(" second") > 0, seen.toString());
        }
    }

    @Test
    void aScriptGoesOnAfterItsResponse() throws Exception {
        Path file = server.base().resolve("finished");
        also("finish", "\"root\": \"" + root + "\", \"processes\": 1", "finish");
        String busy = get(other, "/?do=finish&file=" + file);
        assertTrue(busy.matches("\\d+"), busy);
        long since = System.nanoTime();
        Await.until("it is busy for longer than any response", () -> System.nanoTime() - since > 50_000_000);
        for (int i = 0; i < 5; i++) {
            assertNotEquals(busy, get(other, "/?do=pid"), "that process is not free");
        }
        assertEquals(0, Integer.parseInt(server.control().get("/status/applications/finish/requests/active").text()
            .strip()));
        Files.createFile(file);
        server.awaitLog("the script has gone on as " + busy);
    }

    @Test
    void aRestartLetsAScriptGoOnToItsEnd() throws Exception {
        Path file = server.base().resolve("restarted");
        also("tail", "\"root\": \"" + root + "\", \"processes\": 1", "tail");
        String busy = get(other, "/?do=finish&file=" + file);
        assertEquals(200, server.control().get("/control/applications/tail/restart").status());
        assertNotEquals(busy, get(other, "/?do=pid"));
        assertTrue(server.processes().containsKey(Long.parseLong(busy)), "it has not finished");
        Files.createFile(file);
        server.awaitLog("the script has gone on as " + busy);
        Await.until("then it leaves", () -> !server.processes().containsKey(Long.parseLong(busy)));
    }

    @Test
    void processesComeOnDemandAndGoWhenIdle() throws Exception {
        also("demand", "\"root\": \"" + root + "\", \"processes\": {\"max\": 3, \"spare\": 0, \"idle_timeout\": 1}",
            "demand");
        assertEquals(Set.of(), children("demand"));
        Set<String> pids = new HashSet<>();
        try (Http a = Http.tcp(other); Http b = Http.tcp(other); Http c = Http.tcp(other); Http d = Http.tcp(other)) {
            for (Http http : List.of(a, b, c, d)) {
                http.send("GET /?do=sleep&ms=500 HTTP/1.1\r\nHost: a\r\n\r\n");
            }
            for (Http http : List.of(a, b, c, d)) {
                pids.add(http.response(false).text());
            }
        }
        assertTrue(pids.size() > 1 && pids.size() <= 3, pids.toString());
        Await.until("they go", () -> children("demand").isEmpty());
        Await.until("the status says so", () -> server.control().get("/status/applications/demand/processes/running")
            .text().strip().equals("0"));
        assertTrue(get(other, "/?do=pid").matches("\\d+"));
    }

    @Test
    void aProcessThatIsKilledCostsItsRequestAlone() throws Exception {
        server.expect("exited on signal 9|closed its connection");
        also("killed", "\"root\": \"" + root + "\", \"processes\": 2", "killed");
        Await.until("the script is old enough for the cache", () -> get(other, "/?do=cached").equals("cached"));
        String since = get(other, "/?do=since");
        try (Http http = Http.tcp(other)) {
            http.send("GET /?do=sleep&ms=60000 HTTP/1.1\r\nHost: a\r\n\r\n");
            Await.until("it runs", () -> server.control().get("/status/applications/killed/requests/active").text()
                .strip().equals("1"));
            String idle = get(other, "/?do=pid");
            Await.until("both have their titles", () -> children("killed").size() == 2);
            long busy = children("killed").stream().filter(pid -> pid != Long.parseLong(idle)).findFirst()
                .orElseThrow();
            TestServer.signal(busy, "KILL");
            assertEquals(503, http.response(false).status());
        }
        for (int i = 0; i < 10; i++) {
            assertEquals(200, Http.get(other, "/?do=pid").status());
        }
        assertEquals(since, get(other, "/?do=since"), "the cache is the one of before");
        assertEquals("cached", get(other, "/?do=cached"));
        server.awaitLog("\\[pool killed\\] child \\d+ exited on signal 9");
        server.awaitLog("application \"killed\": it closed its connection");
    }

    @Test
    void whatAKilledProcessLeavesHoldsNoClient() throws Exception {
        server.expect("exited on signal 9|its process has ended");
        also("left", "\"root\": \"" + root + "\", \"processes\": 1", "left");
        long sleeper = Long.parseLong(get(other, "/?do=leave"));
        try {
            assertEquals(503, Http.get(other, "/?do=kill").status());
            server.awaitLog("application \"left\": its process has ended, and what it has started keeps");
            assertEquals(200, Http.get(other, "/?do=pid").status());
            assertTrue(ProcessHandle.of(sleeper).isPresent(), "it still had the connection");
        } finally {
            TestServer.signal(sleeper, "KILL");
        }
    }

    @Test
    void aMasterThatIsKilledIsReplaced() throws Exception {
        server.expect("exited on signal 9|closed its connection");
        also("master", "\"root\": \"" + root + "\", \"processes\": 2", "master");
        Set<Long> before = children("master");
        long master = ProcessHandle.of(before.iterator().next()).orElseThrow().parent().orElseThrow().pid();
        TestServer.signal(master, "KILL");
        Await.until("what it had forked is gone", () -> before.stream().noneMatch(pid -> ProcessHandle.of(pid)
            .filter(ProcessHandle::isAlive).isPresent()));
        Await.until("another one serves", () -> Http.get(other, "/?do=pid").status() == 200);
        assertFalse(before.contains(Long.parseLong(get(other, "/?do=pid"))));
    }

    /** SIGKILL of the router, and of main, in a server of its own. */
    @Test
    void nothingIsLeftOfAServerThatIsKilled() throws Exception {
        TestServer killed = TestServer.speaking("php");
        try {
            int at = Distribution.freePorts(1).getFirst();
            killed.expect("exited on signal 9");
            killed.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + at
                + "\": {\"pass\": \"applications/php\"}}, \"applications\": {\"php\": {\"type\": \"php\", "
                + "\"root\": \"" + killed.app("php") + "\", \"processes\": 2}}}");
            long before = Long.parseLong(get(at, "/?do=pid"));
            TestServer.signal(killed.await("unit: router"), "KILL");
            Await.until("the old processes are gone", () -> !killed.processes().containsKey(before));
            Await.until("new ones serve", () -> {
                try {
                    return Http.get(at, "/?do=pid").status() == 200;
                } catch (IOException e) {
                    return false;
                }
            });
            List<ProcessHandle> all = ProcessHandle.of(killed.pid()).orElseThrow().descendants().toList();
            TestServer.signal(killed.pid(), "KILL");
            Await.until("no process is left", () -> all.stream().noneMatch(ProcessHandle::isAlive));
        } finally {
            ProcessHandle.of(killed.pid()).ifPresent(main -> {
                main.descendants().forEach(ProcessHandle::destroyForcibly);
                main.destroyForcibly();
            });
            TestServer.delete(killed.base());
        }
    }

    @Test
    void aClientThatLeavesEndsAScriptThatWrites() throws Exception {
        also("fill", "\"root\": \"" + root + "\", \"processes\": 1", "fill");
        for (int i = 0; i < 3; i++) {
            try (Http http = Http.tcp(other)) {
                http.send("GET /?do=fill HTTP/1.1\r\nHost: a\r\n\r\n");
                assertEquals(200, http.response(true).status());
            }
        }
        assertEquals(200, Http.get(other, "/?do=pid").status());
        Await.until("none goes on", () -> server.control().get("/status/applications/fill/requests/active").text()
            .strip().equals("0") && children("fill").size() <= 2);
    }

    @Test
    void whatItSaysIsInTheLog() throws Exception {
        get("/?do=say");
        server.awaitLog("\\[pool php\\] child \\d+ said into stderr: \"said to standard error\"");
        server.awaitLog("\\[pool php\\] child \\d+ said into stderr: \"NOTICE: PHP message: PHP Warning:  "
            + "a warning of the script");
    }
}

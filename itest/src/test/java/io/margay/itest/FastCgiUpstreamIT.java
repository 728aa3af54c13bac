// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests to a php-fpm that somebody else has started, over a Unix socket and over TCP. */
@Timeout(120)
class FastCgiUpstreamIT {
    private static final String SCRIPT = """
        <?php
        if (isset($_GET['endless'])) {
            register_shutdown_function(fn() => touch(__DIR__ . '/../tmp/gone'));
            while (true) { echo str_repeat('x', 10000); flush(); }
        }
        if (isset($_GET['say'])) { error_log($_GET['say']); }
        if (isset($_GET['large'])) { for ($i = 0; $i < 20; $i++) { echo str_repeat('y', 1 << 20); } exit; }
        if (isset($_GET['status'])) { header('X-Test: 1', true, (int) $_GET['status']); }
        if (isset($_GET['var'])) { echo $_SERVER[$_GET['var']] ?? '-'; exit; }
        echo $_SERVER['REQUEST_METHOD'], ' ', $_SERVER['SCRIPT_NAME'], ' ', $_SERVER['PATH_INFO'] ?? '-', ' ',
            $_SERVER['CONTENT_LENGTH'] ?? '-', ' ', crc32(file_get_contents('php://input'));
        """;

    private static TestServer server;
    private static Process fpm;
    private static int one;
    private static int two;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking();
        server.expect("upstream server");
        Path root = Files.createDirectory(server.base().resolve("www"));
        for (String name : new String[] {"index.php", "front.php"}) {
            Files.writeString(root.resolve(name), SCRIPT);
        }
        Files.writeString(root.resolve("plain.txt"), "<?php echo 'run';");
        List<Integer> ports = Distribution.freePorts(4);
        one = ports.get(0);
        two = ports.get(1);
        Path socket = server.base().resolve("tmp").resolve("fpm");
        startFpm(socket, ports.get(2));
        server.control().apply("/config", """
            {"settings": {"http": {"max_body_size": 50000000, "chunked_transform": true}},
             "listeners": {"127.0.0.1:%d": {"pass": "routes"}, "127.0.0.1:%d": {"pass": "upstreams/php"}},
             "upstreams": {"php": {"servers": {"127.0.0.1:%d": {}, "127.0.0.1:%d": {"backup": true}},
                "keepalive_timeout": 100, "fastcgi": {"root": "%s"}, "health_check": {"path": "/ping"}}},
             "routes": [
               {"match": {"uri": "/front/*"},
                "action": {"proxy": "fastcgi://unix:%s", "fastcgi": {"root": "%s", "script": "front.php"}}},
               {"action": {"proxy": "fastcgi://unix:%s", "keepalive_timeout": 100, "response_timeout": 20,
                "request_headers": {"X-Host": "$host", "X-Secret": null},
                "fastcgi": {"root": "%s", "params": {"APP_MODE": "m-$host", "REMOTE_PORT": null}}}}]}"""
            .formatted(one, two, ports.get(2), ports.get(3), root, socket, root, socket, root));
    }

    private static void startFpm(Path socket, int port) throws IOException {
        Path program;
        try (Stream<Path> programs = Files.list(Path.of("/usr/sbin"))) {
            program = programs.filter(path -> path.getFileName().toString().matches("php-fpm[0-9.]+")).sorted()
                .findFirst().orElseThrow();
        }
        String account = System.getProperty("user.name").equals("root") ? "user = nobody\ngroup = nogroup\n" : "";
        String pool = account + "listen.mode = 0666\npm = static\nping.path = /ping\ncatch_workers_output = no\n";
        Path conf = Files.writeString(server.base().resolve("fpm.conf"), "[global]\nerror_log = "
            + server.base().resolve("fpm.log") + "\n[few]\nlisten = " + socket + "\npm.max_children = 2\n" + pool
            + "[some]\nlisten = 127.0.0.1:" + port + "\npm.max_children = 4\n" + pool);
        fpm = new ProcessBuilder(program.toString(), "-F", "-n", "-y", conf.toString())
            .redirectErrorStream(true).redirectOutput(server.base().resolve("fpm.out").toFile()).start();
        Await.until("php-fpm listens", () -> {
            assertTrue(fpm.isAlive(), () -> read(server.base().resolve("fpm.out")));
            return Files.exists(socket) && read(server.base().resolve("fpm.log")).contains("ready to handle");
        });
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        fpm.destroy();
        assertTrue(fpm.waitFor(30, TimeUnit.SECONDS));
        server.close();
    }

    private static String get(int port, String target) throws IOException {
        Response response = Http.get(port, target);
        assertEquals(200, response.status(), target);
        return response.text();
    }

    @ParameterizedTest
    @CsvSource({"/, /index.php -", "/index.php/a/b?x, /index.php /a/b", "/front.php, /front.php -",
        "/front/any/thing, /front.php -", "/./x/../index.php, /index.php -"})
    void scripts(String target, String expected) throws IOException {
        assertEquals("GET " + expected + " - 0", get(one, target));
    }

    @ParameterizedTest
    @CsvSource({"/none.php, 404", "/none/, 404", "/plain.txt, 404", "/plain.txt/x.php, 403",
        "/index.php?status=503, 503", "/index.php?status=204, 204"})
    void statuses(String target, int expected) throws IOException {
        assertEquals(expected, Http.get(one, target).status());
    }

    @ParameterizedTest
    @CsvSource({"APP_MODE, m-localhost", "REMOTE_PORT, -", "REMOTE_ADDR, 127.0.0.1", "HTTP_X_HOST, localhost",
        "HTTP_X_SECRET, -", "HTTP_PROXY, -", "HTTPS, -", "REQUEST_URI, /?var=REQUEST_URI", "HTTP_HOST, localhost"})
    void variables(String name, String expected) throws IOException {
        try (Http http = Http.tcp(one)) {
            assertEquals(expected, http.exchange("GET /?var=" + name
                + " HTTP/1.1\r\nHost: localhost\r\nProxy: evil\r\nX-Secret: s\r\n\r\n").text());
        }
    }

    /** In one piece, in pieces, in chunks whose length is counted here first, and from a file. */
    @ParameterizedTest
    @ValueSource(ints = {0, 5, 70_000, 5_000_000})
    void bodies(int size) throws IOException {
        byte[] body = new byte[size];
        for (int i = 0; i < size; i++) {
            body[i] = (byte) (i * 31 + i / 251);
        }
        CRC32 sum = new CRC32();
        sum.update(body);
        String expected = "POST /index.php - " + size + " " + sum.getValue();
        try (Http http = Http.tcp(one)) {
            http.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + size + "\r\n\r\n");
            http.send(body);
            assertEquals(expected, http.response(false).text());
            http.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
            if (size > 0) {
                http.send(Integer.toHexString(size) + "\r\n");
                http.send(body);
                http.send("\r\n");
            }
            http.send("0\r\n\r\n");
            String chunked = http.response(false).text();
            assertEquals(size == 0 ? expected.replace(" 0 0", " - 0") : expected, chunked.replace(" 0 0", " - 0"));
        }
    }

    @Test
    void largeAnswers() throws IOException {
        assertEquals(20 << 20, get(two, "/?large").length());
    }

    @Test
    void whatItSaysIsLogged() throws IOException {
        get(one, "/?say=something-odd");
        server.awaitLog("upstream server \"unix:.*\" says: .*something-odd");
    }

    @Test
    void connectionsAreKept() throws IOException {
        try (Http http = Http.tcp(two)) {
            for (int i = 0; i < 30; i++) {
                assertEquals(200, http.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status());
            }
        }
        String status = server.control().get("/status/upstreams/php/servers").text().replaceAll("\\s+", "");
        long opened = Long.parseLong(status.replaceAll(".*?\"opened\":(\\d+).*", "$1"));
        long reused = Long.parseLong(status.replaceAll(".*?\"reused\":(\\d+).*", "$1"));
        assertTrue(opened <= 4 && reused >= 29, status);
    }

    /** A process serves one connection: those that are kept must not keep others from being served. */
    @Test
    void moreClientsThanProcessesAreAllServed() throws Exception {
        List<Http> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                clients.add(Http.tcp(one));
            }
            for (int round = 0; round < 3; round++) {
                for (Http client : clients) {
                    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
                }
                for (Http client : clients) {
                    assertEquals(200, client.response(false).status());
                }
            }
        } finally {
            for (Http client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aScriptEndsWhenItsClientGoes() throws IOException {
        Files.setPosixFilePermissions(server.base().resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
        try (Http http = Http.tcp(one)) {
            http.send("GET /?endless HTTP/1.1\r\nHost: h\r\n\r\n");
            http.send("");
        }
        Await.until("the script has ended", () -> Files.exists(server.base().resolve("tmp").resolve("gone")));
    }

    @Test
    void aServerThatIsDownIsNotWell() throws IOException {
        server.awaitLog("server \"127.0.0.1:\\d+\" is unwell");
        assertEquals("GET /index.php - - 0", get(two, "/"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{\"proxy\": \"fastcgi://127.0.0.1:9\"}|needs the option",
        "{\"proxy\": \"http://127.0.0.1:9\", \"fastcgi\": {\"root\": \"/w\"}}|needs a",
        "{\"proxy\": \"fastcgi://127.0.0.1:9\", \"fastcgi\": {}}|root",
        "{\"proxy\": \"fastcgi://127.0.0.1:9\", \"fastcgi\": {\"root\": \"w\"}}|must begin with",
        "{\"proxy\": \"fastcgi://h:9\", \"fastcgi\": {\"root\": \"/w\", \"script\": \"../x.php\"}}|leave the root",
        "{\"proxy\": \"fastcgi://h:9\", \"fastcgi\": {\"root\": \"/w\", \"params\": {\"CONTENT_LENGTH\": \"1\"}}}|"
            + "cannot be changed",
        "{\"proxy\": \"fastcgi://h:9\", \"fastcgi\": {\"root\": \"/w\", \"params\": {\"A B\": \"1\"}}}|is invalid",
        "{\"proxy\": \"fastcgi://h:9\", \"fastcgi\": {\"root\": \"/w\", \"params\": {\"A\": \"$no\"}}}|no",
        "{\"proxy\": \"fastcgi://h:9\", \"fastcgi\": {\"root\": \"/w\"}, \"proxy_protocol\": \"v1\"}|"
            + "proxy_protocol"})
    void whatIsRefused(String action, String why) throws IOException {
        Response response = server.control().put("/config/routes/1/action", action);
        assertEquals(400, response.status(), response.text());
        assertTrue(response.text().contains(why), response.text());
        assertEquals("GET /index.php - - 0", get(one, "/"));
    }
}

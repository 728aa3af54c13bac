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
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Resident PHP workers: a script that has booted once handles one request after the other. */
@Timeout(120)
class PhpWorkerIT {

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
        root = server.app("php_worker");
        server.control().apply("/config", """
            {"settings": {"http": {"max_body_size": 200000000}},
             "listeners": {"127.0.0.1:%d": {"pass": "applications/php"}, "127.0.0.1:%d": {"pass": "routes"}},
             "routes": [{"action": {"return": 404}}],
             "applications": {"php": {"type": "php", "root": "%s", "worker": "worker.php"}}}"""
            .formatted(port, other, root));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String get(int at, String target) throws IOException {
        Response response = Http.get(at, target);
        assertEquals(200, response.status(), target);
        return response.text();
    }

    /** Serves an application on the other port. */
    private static void also(String name, String members) throws IOException {
        server.control().apply("/config/applications/" + name, "{\"type\": \"php\", \"root\": \"" + root
            + "\", \"worker\": \"worker.php\"" + members + "}");
        server.control().apply("/config/listeners/127.0.0.1:" + other, "{\"pass\": \"applications/" + name + "\"}");
    }

    private static Set<Long> workers(String name) {
        var processes = server.processes();
        processes.values().removeIf(title -> !title.equals("unit: \"" + name + "\" application"));
        return Set.copyOf(processes.keySet());
    }

    private static String request(String method, String target, String fields, int length) {
        return method + " " + target + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n" + fields + "\r\n";
    }

    private static String md5(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    }

    // ---- requests ---------------------------------------------------------

    @Test
    void scriptAndPaths() throws IOException {
        assertEquals("/worker.php " + root + "/worker.php " + root + " /any/path.php/x?y - " + root,
            get(port, "/any/path.php/x?y"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 15_000, 16_384, 65_535, 65_536, 300_000, 60_000_000})
    void bodiesArriveWhole(int length) throws Exception {
        byte[] body = new byte[length];
        new Random(length).nextBytes(body);
        String expected = length + " " + md5(body) + " " + md5(body);
        for (String method : new String[] {"PUT", "POST"}) {
            if (length > 8_000_000 && method.equals("POST")) {
                continue;
            }
            try (Http http = Http.tcp(port)) {
                http.send(request(method, "/?do=sum", "Content-Type: a/b\r\n", length));
                http.send(body);
                assertEquals(expected, http.response(false).text(), method);
                // What is not read is not left for the next one.
                http.send(request(method, "/?do=seen", "", length));
                http.send(body);
                assertEquals(200, http.response(false).status());
                assertEquals("0 d41d8cd98f00b204e9800998ecf8427e d41d8cd98f00b204e9800998ecf8427e",
                    http.exchange("GET /?do=sum HTTP/1.1\r\nHost: a\r\n\r\n").text());
            }
        }
    }

    @Test
    void formsAndFilesAndNothingOfTheRequestBefore() throws Exception {
        String none = "{\"post\":[],\"get\":{\"do\":\"form\"},\"cookie\":[],\"files\":[],"
            + "\"request\":{\"do\":\"form\"},\"input\":0,\"session\":false}";
        byte[] content = new byte[400_000];
        new Random(1).nextBytes(content);
        try (Http http = Http.tcp(port)) {
            assertEquals(none, http.exchange("GET /?do=form HTTP/1.1\r\nHost: a\r\n\r\n").text());
            String body = "a=1&b%5B%5D=2&b%5B%5D=3";
            assertEquals("{\"post\":{\"a\":\"1\",\"b\":[\"2\",\"3\"]},\"get\":{\"do\":\"form\",\"q\":\"x y\"},"
                + "\"cookie\":{\"k\":\"v\",\"l\":\"w\"},\"files\":[],\"request\":{\"a\":\"1\",\"b\":[\"2\",\"3\"],"
                + "\"do\":\"form\",\"q\":\"x y\"},\"input\":23,\"session\":false}",
                http.exchange(request("POST", "/?do=form&q=x+y", "Cookie: k=v; l=w\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\n", body.length()) + body).text());
            assertEquals(none, http.exchange("GET /?do=form HTTP/1.1\r\nHost: a\r\n\r\n").text());
            byte[] head = ("--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.bin\"\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
            byte[] tail = ("\r\n--b\r\nContent-Disposition: form-data; name=\"g\"\r\n\r\nh\r\n--b--\r\n")
                .getBytes(StandardCharsets.US_ASCII);
            http.send(request("POST", "/?do=form", "Content-Type: multipart/form-data; boundary=b\r\n",
                head.length + content.length + tail.length));
            http.send(head);
            http.send(content);
            http.send(tail);
            assertEquals("{\"post\":{\"g\":\"h\"},\"get\":{\"do\":\"form\"},\"cookie\":[],\"files\":{\"f\":[\"x.bin\","
                + "400000,true,\"" + md5(content) + "\"]},\"request\":{\"g\":\"h\",\"do\":\"form\"},\"input\":0,"
                + "\"session\":false}", http.response(false).text());
            assertEquals(none, http.exchange("GET /?do=form HTTP/1.1\r\nHost: a\r\n\r\n").text());
        }
    }

    @ParameterizedTest
    @CsvSource({"HTTP_X_A, '1, 2'", "HTTP_PROXY, -", "HTTP_HOST, Example.com:99", "HTTPS, -", "PATH_INFO, -",
        "PHP_AUTH_USER, user", "PHP_AUTH_PW, pass:word", "REQUEST_METHOD, GET", "PHP_SELF, /worker.php",
        "REMOTE_ADDR, 127.0.0.1", "REQUEST_URI, /?do=server&name=REQUEST_URI"})
    void variables(String name, String value) throws IOException {
        try (Http http = Http.tcp(port)) {
            assertEquals(value, http.exchange("GET /?do=server&name=" + name + " HTTP/1.1\r\nHost: Example.com:99\r\n"
                + "X-A: 1\r\nx-a: 2\r\nProxy: evil\r\nAuthorization: Basic dXNlcjpwYXNzOndvcmQ=\r\n\r\n").text());
            assertEquals(name.startsWith("PHP_AUTH") || name.equals("HTTP_X_A") ? "-" : http.exchange(
                "GET /?do=server&name=" + name + " HTTP/1.1\r\nHost: Example.com:99\r\n\r\n").text(),
                http.exchange("GET /?do=server&name=" + name + " HTTP/1.1\r\nHost: Example.com:99\r\n\r\n").text());
        }
    }

    @Test
    void aFileThatIsIncludedSeesTheRequest() throws IOException {
        for (int i = 0; i < 2; i++) {
            assertEquals("[\"/?do=included\",\"localhost\",{\"do\":\"included\"}]", get(port, "/?do=included"));
        }
    }

    // ---- answers ----------------------------------------------------------

    @Test
    void headersAndCookiesAreThoseOfOneRequest() throws IOException {
        for (int i = 0; i < 2; i++) {
            Response response = Http.get(port, "/?do=head");
            assertEquals(418, response.status());
            assertEquals("1", response.header("X-One").orElseThrow());
            assertTrue(response.header("X-Gone").isEmpty());
            assertTrue(response.header("X-Late").isPresent(), "the callback was called");
            assertTrue(response.header("Set-Cookie").orElseThrow().startsWith("name=value; path=/"));
            assertEquals("text/html; charset=UTF-8", response.header("Content-Type").orElseThrow());
            assertEquals("waiting", response.text());
            assertEquals("[200,[],false,1,null]", get(port, "/?do=plain"));
        }
        Response moved = Http.get(port, "/?do=location");
        assertEquals(302, moved.status());
        assertEquals("/there", moved.header("Location").orElseThrow());
        assertEquals(204, Http.get(port, "/?do=empty").status());
        try (Http http = Http.tcp(port)) {
            http.send("HEAD /?do=seen HTTP/1.1\r\nHost: a\r\n\r\n");
            assertEquals(200, http.response(true).status());
            assertEquals("[200,[],false,1,null]",
                http.exchange("GET /?do=plain HTTP/1.1\r\nHost: a\r\n\r\n").text(), "output is on again");
        }
    }

    @Test
    void sessionsAreThoseOfTheirClients() throws IOException {
        String first = get(port, "/?do=session");
        String second = get(port, "/?do=session");
        assertTrue(first.endsWith(" 1") && second.endsWith(" 1"), first + " " + second);
        assertNotEquals(first, second, "nobody gets the session of the one before");
        try (Http http = Http.tcp(port)) {
            String id = first.substring(0, first.indexOf(' '));
            assertEquals(id + " 2", http.exchange("GET /?do=session HTTP/1.1\r\nHost: a\r\nCookie: PHPSESSID=" + id
                + "\r\n\r\n").text());
        }
    }

    @Test
    void hundredMegabytes() throws IOException {
        byte[] body = Http.get(port, "/?do=large&pieces=1526").body();
        byte[] piece = "0123456789abcdef".repeat(1 << 12).getBytes(StandardCharsets.US_ASCII);
        assertEquals(1526 * piece.length, body.length);
        for (int i = 0; i < body.length; i += piece.length) {
            assertEquals(-1, Arrays.mismatch(body, i, i + piece.length, piece, 0, piece.length));
        }
    }

    @Test
    void flushSendsWhatThereIs() throws Exception {
        Path file = server.base().resolve("flushed");
        try (Http http = Http.tcp(port)) {
            http.send("GET /?do=flush&file=" + file + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            assertEquals(200, http.response(true).status());
            Files.createFile(file);
            String seen = new String(http.rest(), StandardCharsets.ISO_8859_1);
            assertTrue(seen.contains("5\r\nfirst\r\n") && seen.contains(" second"), seen);
        }
    }

    @Test
    void aHandlerGoesOnAfterItsAnswer() throws Exception {
        Path file = server.base().resolve("finished");
        also("finish", "");
        String pid = get(other, "/?do=finish&file=" + file);
        Files.createFile(file);
        server.awaitLog("the handler has gone on as " + pid);
        assertEquals(pid, get(other, "/?do=pid"));
    }

    // ---- ends of requests -------------------------------------------------

    @Test
    void aLengthIsNoReasonForAWarning() throws Exception {
        int before = server.log().length();
        for (int i = 0; i < 3; i++) {
            assertEquals("ok", get(port, "/?do=length"));
        }
        assertFalse(server.log().substring(before).contains("PHP Warning"), server.log().substring(before));
    }

    @Test
    void exitCompletesTheAnswerAndReplacesTheProcess() throws Exception {
        also("exits", "");
        for (int i = 0; i < 3; i++) {
            String before = get(other, "/?do=pid");
            assertEquals("beforedestroyed at the end", get(other, "/?do=exit"));
            assertNotEquals(before, get(other, "/?do=pid"));
        }
        server.awaitLog("app process \\d+ exited with code 3");
    }

    @Test
    void anExceptionEndsItsRequestAlone() throws Exception {
        also("throws", "");
        String before = get(other, "/?do=pid");
        Response response = Http.get(other, "/?do=throw");
        assertEquals(500, response.status());
        assertEquals("", response.text());
        assertTrue(response.header("X-One").isEmpty());
        server.awaitLog("Uncaught DomainException: thrown on purpose");
        try (Http http = Http.tcp(other)) {
            http.send("GET /?do=cut HTTP/1.1\r\nHost: a\r\n\r\n");
            assertEquals(200, http.response(true).status());
            assertFalse(new String(http.rest(), StandardCharsets.ISO_8859_1).endsWith("0\r\n\r\n"), "it is cut");
        }
        assertEquals(before, get(other, "/?do=pid"));
        assertEquals("[200,[],false,1,null]", get(other, "/?do=plain"));
    }

    @Test
    void aFatalErrorIs500AndReplacesTheProcess() throws Exception {
        also("fatal", "");
        String before = get(other, "/?do=pid");
        assertEquals(500, Http.get(other, "/?do=fatal").status());
        server.awaitLog("Allowed memory size of 134217728 bytes exhausted");
        assertNotEquals(before, get(other, "/?do=pid"));
    }

    @Test
    void aForkedProcessThatReturnsEnds() throws Exception {
        also("forks", "");
        assertEquals("parent", get(other, "/?do=fork"));
        server.awaitLog("a process forked by the application returned from its request");
        assertTrue(get(other, "/?do=pid").matches("\\d+"));
    }

    @Test
    void aClientThatLeavesEndsAHandlerThatWrites() throws Exception {
        also("fill", "");
        for (int i = 0; i < 3; i++) {
            try (Http http = Http.tcp(other)) {
                http.send("GET /?do=fill HTTP/1.1\r\nHost: a\r\n\r\n");
                assertEquals(200, http.response(true).status());
            }
        }
        assertEquals(200, Http.get(other, "/?do=pid").status());
        Await.until("none goes on", () -> server.control().get("/status/applications/fill/requests/active").text()
            .strip().equals("0") && workers("fill").size() == 1);
    }

    @Test
    void aProcessThatIsKilledCostsItsRequestAlone() throws Exception {
        server.expect("exited on signal 9");
        also("killed", ", \"processes\": 2");
        try (Http http = Http.tcp(other)) {
            http.send("GET /?do=sleep&ms=60000 HTTP/1.1\r\nHost: a\r\n\r\n");
            Await.until("it runs", () -> server.control().get("/status/applications/killed/requests/active").text()
                .strip().equals("1"));
            long idle = Long.parseLong(get(other, "/?do=pid"));
            long busy = workers("killed").stream().filter(pid -> pid != idle).findFirst().orElseThrow();
            TestServer.signal(busy, "KILL");
            assertEquals(503, http.response(false).status());
        }
        for (int i = 0; i < 10; i++) {
            assertEquals(200, Http.get(other, "/?do=pid").status());
        }
    }

    // ---- life of processes ------------------------------------------------

    @Test
    void stateStaysAndTheScriptBootsOnceForAll() throws Exception {
        also("state", ", \"processes\": 2");
        int last = 0;
        for (int i = 0; i < 20; i++) {
            String answer = get(other, "/?do=seen");
            assertTrue(answer.endsWith(" forked"), answer);
            last = Math.max(last, Integer.parseInt(answer.substring(0, answer.indexOf(' '))));
        }
        assertTrue(last >= 10, "state is kept: " + last);
        assertNotEquals(get(other, "/?do=random"), get(other, "/?do=random"));
        assertEquals("on 128M", get(other, "/?do=opcache"));
    }

    @Test
    void processesAreReplacedAfterTheirRequests() throws Exception {
        also("counted", ", \"limits\": {\"requests\": 5}");
        Set<String> pids = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            pids.add(get(other, "/?do=pid"));
        }
        assertEquals(4, pids.size());
    }

    @Test
    void processesThatGrowAreReplaced() throws Exception {
        also("grows", ", \"worker_memory\": 20000000");
        Set<String> pids = new HashSet<>();
        for (int i = 0; i < 12; i++) {
            pids.add(get(other, "/?do=grow"));
        }
        assertTrue(pids.size() >= 2 && pids.size() <= 6, pids.toString());
        server.awaitLog("more than \"worker_memory\"; it is replaced");
    }

    @Test
    void processesComeOnDemandAndGoWhenIdle() throws Exception {
        also("demand", ", \"processes\": {\"max\": 3, \"spare\": 0, \"idle_timeout\": 1}");
        assertEquals(Set.of(), workers("demand"));
        Set<String> pids = new HashSet<>();
        try (Http a = Http.tcp(other); Http b = Http.tcp(other); Http c = Http.tcp(other)) {
            for (Http http : List.of(a, b, c)) {
                http.send("GET /?do=sleep&ms=500 HTTP/1.1\r\nHost: a\r\n\r\n");
            }
            for (Http http : List.of(a, b, c)) {
                pids.add(http.response(false).text());
            }
        }
        assertTrue(pids.size() > 1 && pids.size() <= 3, pids.toString());
        Await.until("they go", () -> workers("demand").isEmpty());
        assertTrue(get(other, "/?do=pid").matches("\\d+"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ", \"limits\": {\"requests\": 20}"})
    void restartUnderLoadFailsNoRequest(String more) throws Exception {
        String name = more.isEmpty() ? "load" : "load_limited";
        also(name, ", \"processes\": 2" + more);
        try (Load load = Load.start(other, "/?do=pid", 4)) {
            for (int i = 0; i < 3; i++) {
                load.awaitMore(50);
                assertEquals(200, server.control().get("/control/applications/" + name + "/restart").status());
            }
            load.awaitMore(50);
            assertEquals(List.of(), load.stop());
        }
    }
}

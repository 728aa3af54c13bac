// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Python applications behind the router ({@code spec/languages.md §9}, {@code spec/app-dispatch.md §6, §7}). */
@Timeout(120)
class WsgiIT {
    private static TestServer server;
    private static int flask;
    private static int probe;
    private static int other;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python");
        List<Integer> ports = Distribution.freePorts(3);
        flask = ports.get(0);
        probe = ports.get(1);
        other = ports.get(2);
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "applications/flask"},
                           "127.0.0.1:%d": {"pass": "applications/probe"},
                           "127.0.0.1:%d": {"pass": "routes"}},
             "routes": [{"action": {"return": 404}}],
             "applications": {"flask": %s, "probe": %s}}""".formatted(flask, probe, other,
                 server.python("flask", "pages", "\"callable\": \"app\"", "\"processes\": 2"),
                 server.python("probe", "wsgi", "\"processes\": 1", "\"working_directory\": \"/usr\"",
                     "\"environment\": {\"COLOUR\": \"blue and green\", \"EMPTY\": \"\"}")));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    /** Serves the probe with other settings on the third listener. */
    private static void also(String name, String... members) throws IOException {
        server.control().apply("/config/applications/" + name, server.python("probe", "wsgi", members));
        server.control().apply("/config/listeners/127.0.0.1:" + other, "{\"pass\": \"applications/" + name + "\"}");
    }

    private static String member(Response response, String name) {
        assertEquals(200, response.status(), response.text());
        Matcher matcher = Pattern.compile("\"" + name
            + "\": ?(\"[^\"]*\"|\\[[^\\]]*\\]|\\d+)").matcher(response.text());
        // The last one: the namespaces, which are objects inside, have a "pid" too.
        String value = null;
        while (matcher.find()) {
            value = matcher.group(1);
        }
        assertNotNull(value, () -> "no " + name + " in " + response.text());
        return value.replace("\"", "");
    }

    private static String request(String method, String target, String... lines) {
        StringBuilder request = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: example.com:81\r\n");
        for (String line : lines) {
            request.append(line).append("\r\n");
        }
        return request.append("\r\n").toString();
    }

    private static String post(String target, String body) {
        return request("POST", target, "Content-Length: " + body.length(), "Content-Type: text/x-test") + body;
    }

    @Test
    void bothProcessesServe() throws Exception {
        Set<String> pids = new HashSet<>();
        Set<String> parents = new HashSet<>();
        try (Load load = Load.start(flask, "/", 4, response -> {
            synchronized (pids) {
                pids.add(member(response, "pid"));
                parents.add(member(response, "ppid"));
            }
        })) {
            Await.until("two processes answer", () -> {
                synchronized (pids) {
                    return pids.size() > 1;
                }
            });
            assertEquals(List.of(), load.stop());
        }
        assertEquals(2, pids.size());
        assertEquals(1, parents.size(), "one prototype");
    }

    @Test
    void theRequestIsInTheEnvironment() throws IOException {
        Response response;
        try (Http http = Http.tcp(probe)) {
            response = http.exchange(request("GET", "/a/../environ?x=%20y&z", "X-One-Two: 1", "X-One-Two: 2",
                "X_Under: bad", "Cookie: a=b", "X-Bytes: \u00e9", "Connection: close"));
        }
        assertEquals("/environ", member(response, "PATH_INFO"));
        assertEquals("x=%20y&z", member(response, "QUERY_STRING"));
        assertEquals("GET", member(response, "REQUEST_METHOD"));
        assertEquals("/a/../environ?x=%20y&z", member(response, "REQUEST_URI"));
        assertEquals("HTTP/1.1", member(response, "SERVER_PROTOCOL"));
        assertEquals("example.com", member(response, "SERVER_NAME"));
        assertEquals("example.com:81", member(response, "HTTP_HOST"));
        assertEquals("127.0.0.1", member(response, "REMOTE_ADDR"));
        assertEquals("127.0.0.1", member(response, "SERVER_ADDR"));
        assertEquals("Unit/1.35.0", member(response, "SERVER_SOFTWARE"));
        assertEquals("http", member(response, "wsgi.url_scheme"));
        assertEquals("a=b", member(response, "HTTP_COOKIE"));
        assertEquals("\\u00e9", member(response, "HTTP_X_BYTES"));
        assertTrue(member(response, "HTTP_X_ONE_TWO").matches("1, ?2"), response.text());
        assertTrue(!response.text().contains("UNDER"), "an underscore could shadow a real field");
    }

    @Test
    void theInputIsReadInAllWays() throws IOException {
        try (Http http = Http.tcp(probe)) {
            Response response = http.exchange(post("/input", "12345first\nsecond\nthird\nfourth"));
            assertEquals("[\"12345\", \"first\\n\", \"sec\", \"ond\\n\", \"third\\n\", \"fourth\", \"\"]",
                response.text());
            assertEquals("[\"\", \"\", \"\", \"\"]", http.exchange(post("/input", "")).text());
        }
    }

    @Test
    void chunkedUploadsAreForThoseWhoWantThem() throws IOException {
        assertEquals(411, chunked().status(), "spec/http.md §7.2");
        server.control().apply("/config/settings", "{\"http\": {\"chunked_transform\": true}}");
        try {
            Response response = chunked();
            assertEquals(200, response.status());
            assertEquals("[\"abcde\", \"f\\n\", \"g\", \"\"]", response.text());
        } finally {
            server.control().delete("/config/settings");
        }
    }

    private static Response chunked() throws IOException {
        try (Http http = Http.tcp(probe)) {
            http.send(request("POST", "/input", "Transfer-Encoding: chunked"));
            http.send("5\r\nabcde\r\n3\r\nf\ng\r\n0\r\n\r\n");
            return http.response(false);
        }
    }

    @Test
    void partsComeInOrder() throws IOException {
        Response response = Http.get(probe, "/stream");
        assertEquals("first;second;third;", response.text());
        assertEquals("chunked", response.header("Transfer-Encoding").orElseThrow());
    }

    @Test
    void anExceptionBeforeTheHeadIsA503() throws IOException {
        assertEquals(503, Http.get(probe, "/raise").status());
        server.awaitLog("Python failed to call the application\nTraceback \\(most recent call last\\):\n"
            + "(?:.*\n)+?ValueError: raised before the head\n");
        Response response = Http.get(flask, "/boom");
        assertEquals(500, response.status(), "Flask makes its own page");
        server.awaitLog("boom from the test application");
        assertEquals(418, Http.get(flask, "/teapot").status());
    }

    @Test
    void anExceptionAfterTheHeadCutsTheConnection() throws IOException {
        try (Http http = Http.tcp(probe)) {
            http.send(request("GET", "/raise_late"));
            String all = new String(http.rest(), StandardCharsets.ISO_8859_1);
            assertTrue(all.startsWith("HTTP/1.1 200 OK\r\n"), all);
            assertTrue(all.contains("some bytes"), all);
            assertTrue(!all.contains("\r\n0\r\n"), "no end of the chunks: " + all);
        }
        server.awaitLog("Python failed to iterate over the application response object\nTraceback");
    }

    @Test
    void anApplicationThatExitsIsReplaced() throws IOException {
        String before = member(Http.get(probe, "/process"), "pid");
        assertEquals(503, Http.get(probe, "/exit").status());
        assertNotEquals(before, member(Http.get(probe, "/process"), "pid"));
        server.awaitLog("app process " + before + " exited with code 3");
        assertEquals(503, Http.get(flask, "/die").status());
        server.awaitLog("app process \\d+ exited with code 7");
        assertEquals(200, Http.get(flask, "/").status());
    }

    @Test
    void keepAliveAndPipelining() throws IOException {
        try (Http http = Http.tcp(probe)) {
            http.send(request("GET", "/sleep?0.2") + request("GET", "/nothing") + request("HEAD", "/environ")
                + post("/input", "abc") + request("GET", "/stream", "Connection: close"));
            assertEquals(200, http.response(false).status());
            assertEquals("no such question\n", http.response(false).text());
            Response head = http.response(true);
            assertTrue(Integer.parseInt(head.header("Content-Length").orElseThrow()) > 10);
            assertEquals("[\"abc\", \"\", \"\", \"\"]", http.response(false).text());
            Response last = http.response(false);
            assertEquals("first;second;third;", last.text());
            assertEquals("close", last.header("Connection").orElseThrow());
            assertTrue(http.closed());
        }
    }

    @Test
    void http10() throws IOException {
        try (Http http = Http.tcp(probe)) {
            http.send("GET /stream HTTP/1.0\r\n\r\n");
            String all = new String(http.rest(), StandardCharsets.ISO_8859_1);
            assertTrue(all.endsWith("\r\n\r\nfirst;second;third;"), all);
            assertTrue(!all.toLowerCase(Locale.ROOT).contains("transfer-encoding"), all);
        }
        try (Http http = Http.tcp(probe)) {
            Response response = http.exchange("GET /nothing HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            assertEquals(404, response.status());
        }
    }

    @Test
    void threadsServeAtTheSameTime() throws Exception {
        also("threads", "\"threads\": 4");
        long begin = System.nanoTime();
        Set<String> pids = new HashSet<>();
        try (Http a = Http.tcp(other); Http b = Http.tcp(other); Http c = Http.tcp(other); Http d = Http.tcp(other)) {
            for (Http http : List.of(a, b, c, d)) {
                http.send(request("GET", "/sleep?1"));
            }
            for (Http http : List.of(a, b, c, d)) {
                pids.add(http.response(false).text());
            }
        }
        long millis = (System.nanoTime() - begin) / 1_000_000;
        assertEquals(1, pids.size());
        assertTrue(millis < 3000, "four seconds of work took " + millis + " ms");
    }

    @Test
    void environmentAndWorkingDirectory() throws IOException {
        Response response = Http.get(probe, "/process");
        assertEquals("/usr", member(response, "cwd"));
        assertEquals("blue and green", member(response, "COLOUR"));
        assertEquals("", member(response, "EMPTY"));
        assertTrue(!response.text().contains("MARGAY"), "nothing of the server itself: " + response.text());
    }

    @Test
    void userAndGroup() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        Response response = Http.get(probe, "/process");
        assertEquals("65534", member(response, "uid"), "the default is nobody");
        also("account", "\"user\": \"daemon\"", "\"group\": \"bin\"");
        response = Http.get(other, "/process");
        assertEquals("1", member(response, "uid"));
        assertEquals("2", member(response, "gid"));
        assertEquals("[2]", member(response, "groups").replace("1, ", ""));
    }

    @Test
    void aLimitOfRequestsLosesNone() throws Exception {
        also("limited", "\"limits\": {\"requests\": 7}", "\"processes\": {\"max\": 2, \"spare\": 1}");
        Set<String> pids = new HashSet<>();
        try (Load load = Load.start(other, "/process", 3, response -> {
            synchronized (pids) {
                pids.add(member(response, "pid"));
            }
        })) {
            load.awaitMore(100);
            assertEquals(List.of(), load.stop());
        }
        assertTrue(pids.size() > 100 / 7, "processes: " + pids);
    }

    @Test
    void aTimeoutIsA503AndNobodyElseWaits() throws IOException {
        also("timeout", "\"limits\": {\"timeout\": 1}", "\"processes\": 2");
        // The stuck worker is ended and another one takes its place.
        server.expect("exited on signal 9");
        try (Http slow = Http.tcp(other)) {
            slow.send(request("GET", "/sleep?4"));
            long begin = System.nanoTime();
            assertEquals(404, Http.get(other, "/nothing").status());
            assertEquals(503, slow.response(false).status());
            long millis = (System.nanoTime() - begin) / 1_000_000;
            assertTrue(millis > 700 && millis < 3500, millis + " ms");
            assertEquals(404, slow.exchange(request("GET", "/nothing")).status(), "the connection is kept");
        }
    }

    @Test
    void aMissingApplicationProcessIsStartedOnDemand() throws IOException {
        also("lazy", "\"processes\": {\"spare\": 0, \"max\": 1, \"idle_timeout\": 1}");
        assertEquals(404, Http.get(other, "/nothing").status());
        long worker = server.await("unit: \"lazy\" application");
        Await.until("the idle process ends", () -> !server.processes().containsKey(worker));
        assertEquals(404, Http.get(other, "/nothing").status());
    }

    @Test
    void aBrokenRequestEndsTheConnection() {
        assertThrows(IOException.class, () -> {
            try (Http http = Http.tcp(probe)) {
                http.send("BROKEN\r\n\r\n");
                assertEquals(400, http.response(false).status());
                http.exchange(request("GET", "/nothing"));
            }
        });
    }
}

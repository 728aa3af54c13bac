// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
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

/** ASGI applications behind the router ({@code spec/languages.md §10}). */
@Timeout(120)
class AsgiIT {
    /** One process whose protocol the server finds out, and one that is told it. */
    private static int found;
    private static int told;
    private static int other;
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python");
        List<Integer> ports = Distribution.freePorts(3);
        found = ports.get(0);
        told = ports.get(1);
        other = ports.get(2);
        server.control().apply("/config", """
            {"settings": {"http": {"max_body_size": 120000000, "discard_unsafe_fields": false}},
             "listeners": {"127.0.0.1:%d": {"pass": "applications/found"},
                           "127.0.0.1:%d": {"pass": "applications/told"},
                           "127.0.0.1:%d": {"pass": "routes"}},
             "routes": [{"action": {"return": 404}}],
             "applications": {"found": %s, "told": %s}}""".formatted(found, told, other,
                 server.python("asgi", "asgi", "\"processes\": 1"),
                 server.python("asgi", "asgi", "\"processes\": 1", "\"protocol\": \"asgi\"",
                     "\"prefix\": \"/mounted/\"")));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    /** Serves the application with other settings on the third listener. */
    private static void also(String name, String... members) throws IOException {
        server.control().apply("/config/applications/" + name, server.python("asgi", "asgi", members));
        server.control().apply("/config/listeners/127.0.0.1:" + other, "{\"pass\": \"applications/" + name + "\"}");
    }

    private static int port(String which) {
        return which.equals("told") ? told : found;
    }

    private static String get(int port, String target, String... fields) throws IOException {
        try (Http http = Http.tcp(port)) {
            return http.exchange(request(target, fields)).text();
        }
    }

    private static String request(String target, String... fields) {
        StringBuilder request = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: example.com:81\r\n");
        for (String field : fields) {
            request.append(field).append("\r\n");
        }
        return request.append("\r\n").toString();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static Response post(int port, String target, byte[] body) throws IOException {
        try (Http http = Http.tcp(port)) {
            http.send("POST " + target + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length + "\r\n\r\n");
            http.send(body);
            return http.response(false);
        }
    }

    private static void seen(int port, String what) {
        Await.until("the application sees: " + what, () -> get(port, "/seen").contains(what));
    }

    @ParameterizedTest
    @ValueSource(strings = {"found", "told"})
    void theScopeIsAsSpecified(String which) throws IOException {
        String scope = get(port(which), "/a/../x%C3%A9%2f%ff/scope?q=%20&z", "X-Two: 1", "Cookie: a=b",
            "X-TWO: \u00e9", "x_under-score: c", "Empty:");
        String expected = "{\"asgi\": {\"spec_version\": \"2.1\", \"version\": \"3.0\"}, "
            + "\"client\": [\"127.0.0.1\", 0], \"extensions\": {\"http.response.early_hint\": {}, "
            + "\"http.response.pathsend\": {}, \"http.response.trailers\": {}}, "
            + "\"headers\": [[\"b:host\", \"b:example.com:81\"], [\"b:x-two\", \"b:1\"], [\"b:cookie\", \"b:a=b\"], "
            + "[\"b:x-two\", \"b:\\u00e9\"], [\"b:x_under-score\", \"b:c\"], [\"b:empty\", \"b:\"]], "
            + "\"http_version\": \"1.1\", \"method\": \"GET\", \"path\": \"/x\\u00e9/\\ufffd/scope\", "
            + "\"query_string\": \"b:q=%20&z\", \"raw_path\": \"b:/a/../x%C3%A9%2f%ff/scope\", "
            + "\"scheme\": \"http\", \"server\": [\"127.0.0.1\", " + port(which) + "], \"state\": {\"started\": PID}, "
            + "\"type\": \"http\"}";
        assertEquals(expected, scope.replaceFirst("\"started\": \\d+", "\"started\": PID"));
    }

    @Test
    void thePrefixIsTheRootPathAndThePathIsWhole() throws IOException {
        String scope = get(told, "/mounted/scope");
        assertTrue(scope.contains("\"path\": \"/mounted/scope\", ") && scope.contains("\"root_path\": \"/mounted\""),
            scope);
        assertFalse(get(told, "/mountedscope/scope").contains("root_path"));
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "65000", "65536", "1000000", "50000000"})
    void bodiesOfAnySizeTravelBothWays(int size) throws Exception {
        byte[] body = random(size);
        String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        for (String which : List.of("found", "told")) {
            assertEquals(size + " " + digest, post(port(which), "/digest", body).text());
        }
        Response echo = post(found, "/echo", body);
        assertEquals(digest, HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(echo.body())));
    }

    @Test
    void keysWithoutMeaningAreOmitted() throws IOException {
        assertEquals("[{\"type\": \"http.request\"}]", get(found, "/messages"));
        assertEquals("[{\"body\": 3, \"type\": \"http.request\"}]", post(found, "/messages", random(3)).text());
        String messages = post(found, "/messages", random(300_000)).text();
        assertTrue(messages.startsWith("[{\"body\": 262144, \"more_body\": true, \"type\": \"http.request\"}, "
            + "{\"body\": 37856, "), messages);
    }

    @ParameterizedTest
    @CsvSource({"100000,7", "20000000,30000", "20000000,65499", "20000000,65500", "20000000,65536", "30000000,3000000",
        "30000000,30000000"})
    void responsesComeInParts(int size, int part) throws IOException {
        byte[] body = Http.get(found, "/bytes?" + size + "," + part).body();
        assertEquals(size, body.length);
        for (int i = 0; i < size; i++) {
            if (body[i] != (byte) (i % 251)) {
                assertEquals((byte) (i % 251), body[i], "byte " + i);
            }
        }
    }

    @Test
    void slowClientsHoldNobodyUp() throws IOException {
        List<Http> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                Http http = Http.tcp(found);
                slow.add(http);
                http.send(request("/bytes?30000000,100000"));
            }
            for (int i = 0; i < 50; i++) {
                assertEquals(404, Http.get(found, "/nothing").status());
            }
            for (Http http : slow) {
                assertEquals(30_000_000, http.response(false).body().length);
            }
        } finally {
            for (Http http : slow) {
                http.close();
            }
        }
    }

    @Test
    void oneProcessWorksOnManyRequests() throws IOException {
        List<Http> clients = new ArrayList<>();
        try {
            long begin = System.nanoTime();
            for (int i = 0; i < 100; i++) {
                Http http = Http.tcp(told);
                clients.add(http);
                http.send(request("/slow?1500"));
            }
            Set<String> pids = new HashSet<>();
            for (Http http : clients) {
                pids.add(http.response(false).text());
            }
            assertEquals(1, pids.size());
            assertEquals("{\"most\": 100}", get(told, "/most"));
            long millis = (System.nanoTime() - begin) / 1_000_000;
            assertTrue(millis < 30_000, "150 seconds of waiting took " + millis + " ms");
        } finally {
            for (Http http : clients) {
                http.close();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"waits,left before the head", "flood,flood ended by ConnectionAbortedError"})
    void theLeaveOfAClientIsTold(String target, String what) throws IOException {
        try (Http http = Http.tcp(found)) {
            http.send(request("/" + target));
            assertEquals(404, Http.get(found, "/nothing").status());
        }
        seen(found, what);
    }

    @Test
    void afterTheEndComesTheDisconnect() throws IOException {
        assertEquals("done", get(found, "/after"));
        seen(found, "after the end: http.disconnect");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        status|TypeError: 'status' is not an integer
        headers|TypeError: 'headers' is not an iterable
        item|TypeError: 'headers' item #1 is not an iterable
        name|TypeError: 'headers' item #0 'name' is not a byte string
        value|TypeError: 'headers' item #0 'value' is not a byte string
        split|ValueError: 'headers' item #0 contains a control character
        length|ValueError: Failed to parse Content-Length: '5x'
        body|TypeError: 'body' is not a byte string or bytearray
        more|TypeError: 'more_body' is not a bool
        long|RuntimeError: Response content longer than Content-Length
        twice|RuntimeError: Expected ASGI message 'http.response.body', but got 'http.response.start'
        order|RuntimeError: Expected ASGI message 'http.response.start', but got 'http.response.body'
        pathorder|RuntimeError: Expected ASGI message 'http.response.start', but got 'http.response.pathsend'
        pathafter|RuntimeError: Unexpected ASGI message 'http.response.pathsend' sent, after response already completed
        pathlate|RuntimeError: Expected ASGI message 'http.response.body', but got 'http.response.pathsend'
        pathtype|ValueError: 'path' is not an absolute path
        kind|RuntimeError: Expected ASGI message 'http.response.start', but got 'http.nonsense'
        after|RuntimeError: Unexpected ASGI message 'http.response.body' sent, after response already completed""")
    void wrongMessagesAreRefused(String what, String text) throws IOException {
        Http.get(found, "/wrong?" + what);
        seen(found, text);
        assertEquals(404, Http.get(found, "/nothing").status());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 70_000, 5_000_000})
    void aFileIsSentByItsPath(int size) throws IOException {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        Path file = Files.write(server.base().resolve("file-" + size), content);
        Response response = Http.get(found, "/file?" + file);
        assertEquals(200, response.status());
        assertEquals(Integer.toString(size), response.header("Content-Length").orElseThrow());
        assertArrayEquals(content, response.body());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        /nonexistent|FileNotFoundError: [Errno 2] No such file or directory: '/nonexistent'
        /etc|OSError: [Errno 22] not a regular file: '/etc'
        /dev/null|OSError: [Errno 22] not a regular file: '/dev/null'
        relative|ValueError: 'path' is not an absolute path""")
    void whatIsNoFileIsAnError(String path, String text) throws IOException {
        assertEquals(503, Http.get(found, "/file?" + path).status());
        seen(found, "file: " + text);
    }

    @Test
    void oneSendAtATime() throws IOException {
        assertEquals(3_000_000, Http.get(found, "/together").body().length);
        seen(found, "together: None, Concurrent send");
    }

    @Test
    void errorsBeforeAndAfterTheHead() throws IOException {
        assertEquals(503, Http.get(found, "/raise").status());
        server.awaitLog("Python failed to call 'future.result\\(\\)'\nTraceback \\(most recent call last\\):\n"
            + "(?:.*\n)+?ValueError: raised before the head\n");
        try (Http http = Http.tcp(found)) {
            http.send(request("/raiselate"));
            String all = new String(http.rest(), StandardCharsets.ISO_8859_1);
            assertTrue(all.startsWith("HTTP/1.1 200 OK\r\n") && all.contains("some bytes"), all);
            assertFalse(all.contains("\r\n0\r\n"), "no end of the chunks: " + all);
        }
        server.awaitLog("ValueError: raised after the head\n");
    }

    @ParameterizedTest
    @CsvSource({"silent,200,''", "headonly,203,''", "open,200,not said to be the end"})
    void anApplicationThatEndsEarlyEndsTheResponse(String target, int status, String body) throws IOException {
        Response response = Http.get(found, "/" + target);
        assertEquals(status, response.status());
        assertEquals(body, response.text());
    }

    @Test
    void anExitEndsTheProcessAndItsRequests() throws IOException {
        also("exits", "\"processes\": 1");
        try (Http waiting = Http.tcp(other); Http exiting = Http.tcp(other)) {
            waiting.send(request("/slow?60000"));
            Await.until("the slow one runs", () -> get(other, "/most").equals("{\"most\": 1}"));
            exiting.send(request("/exit"));
            assertEquals(503, exiting.response(false).status());
            assertEquals(503, waiting.response(false).status());
        }
        assertEquals(404, Http.get(other, "/nothing").status());
        server.awaitLog("app process \\d+ exited with code 3");
    }

    @Test
    void threadsHaveLoopsAndLifespansOfTheirOwn() throws IOException {
        also("threads", "\"processes\": 1", "\"threads\": 3", "\"thread_stack_size\": 1048576");
        Set<String> loops = new HashSet<>();
        Await.until("three threads answer", () -> {
            loops.add(get(other, "/loop").replaceAll(".*\"thread\": (\\d+).*", "$1"));
            return loops.size() == 3;
        });
        server.control().apply("/config/listeners/127.0.0.1:" + other, "{\"pass\": \"routes\"}");
        server.control().delete("/config/applications/threads");
        server.awaitLog("(the application has shut down\n(?:.*\n)*?){3}");
    }

    @Test
    void aLimitOfRequestsLosesNone() throws Exception {
        also("limited", "\"protocol\": \"asgi\"", "\"limits\": {\"requests\": 7}", "\"threads\": 2",
            "\"processes\": {\"max\": 2, \"spare\": 1}");
        try (Load load = Load.start(other, "/most", 3,
            response -> assertTrue(response.text().startsWith("{"), response.text()))) {
            load.awaitMore(50);
            assertEquals(List.of(), load.stop());
        }
    }

    @Test
    void runningRequestsAreFinishedBeforeTheEnd() throws IOException {
        also("leaving", "\"processes\": 1");
        try (Http http = Http.tcp(other)) {
            http.send(request("/slow?1500"));
            get(other, "/most");
            server.control().get("/control/applications/leaving/restart");
            assertTrue(http.response(false).text().matches("\\d+"));
        }
    }

    @ParameterizedTest
    @CsvSource({"legacy,legacy /x", "Legacy,object /x", "make,no such question", "wrongorder,served"})
    void applicationsOfOtherForms(String callable, String answer) throws IOException {
        also("form" + callable, "\"callable\": \"" + callable + "\"", "\"factory\": " + callable.equals("make"));
        assertEquals(answer, get(other, "/x").strip());
    }

    @Test
    void targetsAreChosenAndMayNotMixProtocols() throws IOException {
        String targets = """
            {"type": "python", "path": "%s", "targets": {
              "one": {"module": "asgi", "prefix": "/one"}, "two": {"module": "asgi", "callable": "%s"}}}""";
        server.control().apply("/config/applications/targets",
            targets.formatted(server.app("asgi"), "legacy"));
        server.control().apply("/config/listeners/127.0.0.1:" + other, "{\"pass\": \"applications/targets/two\"}");
        assertEquals("legacy /x", get(other, "/x"));
        server.control().apply("/config/listeners/127.0.0.1:" + other, "{\"pass\": \"applications/targets/one\"}");
        assertTrue(get(other, "/one/scope").contains("\"root_path\": \"/one\""));
        server.expect("A mix of ASGI & WSGI targets is forbidden|failed to start");
        Response refused = server.control().put("/config/applications/mixed",
            targets.formatted(server.app("asgi"), "wsgi"));
        assertEquals(500, refused.status(), refused.text());
        assertTrue(refused.text().contains("A mix of ASGI & WSGI targets is forbidden"), refused.text());
    }

    @Test
    void aFailedStartupRefusesTheConfiguration() throws IOException {
        server.expect("Application startup failed: no database|failed to start");
        Response refused = server.control().put("/config/applications/failing",
            server.python("asgi", "asgi", "\"callable\": \"failing\"", "\"threads\": 2"));
        assertEquals(500, refused.status(), refused.text());
        assertTrue(refused.text().contains("Application startup failed: no database"), refused.text());
    }

    @Test
    void whatReturnsNoCoroutineIsNoApplication() throws IOException {
        also("returns", "\"callable\": \"returns\"", "\"protocol\": \"asgi\"");
        assertEquals(503, Http.get(other, "/x").status());
        server.awaitLog("Application result type is not a coroutine");
    }
}

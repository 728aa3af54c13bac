// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Applications of type {@code http}: one that breaks every rule, and servers that people have. */
@Timeout(120)
class HttpWireIT {
    private static final int LARGE = 60_000_000;

    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("http");
        server.expect("application \"(hostile|other)\": process|exited on signal 9|is killed");
        port = Distribution.freePorts(1).getFirst();
        server.control().apply("/config", "{\"settings\": {\"http\": {\"max_body_size\": 120000000}}, "
            + "\"listeners\": {}, \"routes\": [], \"applications\": {\"hostile\": " + app("hostile.py",
            "\"processes\": 2")
            + "}}");
        server.control().apply("/config/listeners/127.0.0.1:" + port, "{\"pass\": \"applications/hostile\"}");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String app(String file, String... members) throws IOException {
        String given = String.join(", ", members);
        return "{\"type\": \"http\"" + (given.contains("\"executable\"") ? ""
            : ", \"executable\": \"/usr/bin/python3\"") + (given.contains("\"arguments\"") ? ""
            : ", \"arguments\": [\"" + server.app("http").resolve(file) + "\"]")
            + (given.isEmpty() ? "" : ", " + given) + "}";
    }

    private static String rest(String target) throws IOException {
        try (Http http = Http.tcp(port)) {
            http.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            return new String(http.rest(), StandardCharsets.ISO_8859_1);
        }
    }

    /** What a process is given in the moment of its death is answered by 503. */
    private static void serves() {
        Await.until("the application serves", () -> Http.get(port, "/hello").status() == 200);
    }

    private static String pid() throws IOException {
        return Http.get(port, "/sleep?0").text();
    }

    @ParameterizedTest
    @CsvSource({"garbage,no status line", "half,closed a connection before its answer was complete",
        "badstatus,no status",
        "upgrade,change of the protocol", "splitname,a line that is no field", "control,control character",
        "lengths,two lengths", "both,both Content-Length and", "long,limits.response_head",
        "nothing,before its answer was begun"})
    void whatIsNoHeadIsAnError(String how, String why) throws Exception {
        int before = server.log().length();
        int status = Http.get(port, "/" + how).status();
        assertEquals(how.equals("half") || how.equals("nothing") ? 503 : 502, status);
        Await.until("the log says why",
            () -> server.log().substring(before).matches("(?s).*\"hostile\": process \\d+ [^\n]*" + why + ".*"));
        assertEquals(200, Http.get(port, "/hello").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"short", "chunk", "nochunk", "killedsending"})
    void whatEndsTooEarlyIsCut(String how) throws Exception {
        String all = rest("/" + how);
        assertTrue(all.startsWith("HTTP/1.1 200 ") && all.contains("hello"), all);
        assertFalse(all.endsWith("0\r\n\r\n"), all);
        serves();
    }

    @ParameterizedTest
    @CsvSource({"two,one", "trailer,body", "untilclose,until the end"})
    void whatIsAnAnswerIsPassed(String how, String body) throws Exception {
        for (int i = 0; i < 3; i++) {
            Response response = Http.get(port, "/" + how);
            assertEquals(200, response.status());
            assertEquals(body, response.text());
        }
        assertEquals(200, Http.get(port, "/hello").status());
    }

    /** But for the one that says that a body may come, which has come already. */
    @Test
    void anInterimResponseGoesToTheClient() throws Exception {
        String all = rest("/interim");
        assertTrue(all.startsWith("HTTP/1.1 103 \r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n"), all);
        assertTrue(all.endsWith("\r\n\r\nlast"), all);
        assertEquals(200, Http.get(port, "/hello").status());
    }

    @Test
    void whatNobodyAskedForEndsTheConnection() throws Exception {
        assertEquals("first", Http.get(port, "/unasked").text());
        server.awaitLog("\"hostile\": process \\d+ sent something that was no answer to a request");
        assertTrue(Http.get(port, "/hello").text().startsWith("GET /hello"));
    }

    @Test
    void fieldsOfAConnectionStayThere() throws Exception {
        Response response = Http.get(port, "/own");
        assertEquals("1", response.header("X-Kept").orElseThrow());
        assertTrue(response.header("X-Own").isEmpty() && response.header("Keep-Alive").isEmpty());
        try (Http http = Http.tcp(port)) {
            http.send("GET /a%20b?c=%20 HTTP/1.1\r\nHost: example.org\r\nConnection: x-own\r\nX-Own: 1\r\n"
                + "TE: trailers\r\nX-Kept: 1\r\n\r\n");
            assertEquals("GET /a%20b?c=%20 HTTP/1.1\r\nHost: example.org\r\nX-Kept: 1", http.response(false).text());
            http.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertEquals("5", http.response(true).header("Content-Length").orElseThrow());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8192, 8193, 70_000, 2_000_000, LARGE})
    void bodiesPassBothWays(int size) throws Exception {
        byte[] body = new byte[size];
        new Random(size).nextBytes(body);
        String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        try (Http http = Http.tcp(port)) {
            for (int i = 0; i < 2; i++) {
                http.send("POST /digest HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + size + "\r\n\r\n");
                http.send(body);
                assertEquals(size + " " + digest, http.response(false).text());
            }
        }
        byte[] got = Http.get(port, "/bytes?" + size).body();
        assertEquals(size, got.length);
        for (int i = 0; i < size; i++) {
            if (got[i] != (byte) (i % 251)) {
                throw new AssertionError("byte " + i);
            }
        }
    }

    @Test
    void anAnswerBeforeTheEndOfTheRequestIsPassed() throws Exception {
        try (Http http = Http.tcp(port)) {
            http.send("POST /early HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n");
            http.send(new byte[1_000_000]);
            assertEquals(413, http.response(false).status());
        }
    }

    @Test
    void aSlowClientHoldsNobodyUp() throws Exception {
        try (Http slow = Http.tcp(port)) {
            slow.send("GET /bytes?" + LARGE + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            for (int i = 0; i < 20; i++) {
                assertEquals(200, Http.get(port, "/hello").status());
            }
            assertEquals(LARGE, slow.response(false).body().length);
        }
    }

    @Test
    void clientsThatLeaveFreeTheWorker() throws Exception {
        for (int i = 0; i < 100; i++) {
            try (Http http = Http.tcp(port)) {
                http.send("GET /" + (i % 2 == 0 ? "never" : "bytes?" + LARGE) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            }
        }
        Await.until("nothing is active",
            () -> server.control().get("/status/applications/hostile/requests/active").text().strip().equals("0"));
        assertEquals(200, Http.get(port, "/hello").status());
    }

    /** Sends what it is sent. */
    @Test
    void webSocketsArePassedThrough() throws Exception {
        Inbox inbox = new Inbox();
        try (HttpClient client = HttpClient.newHttpClient()) {
            WebSocket socket = client.newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/socket"), inbox).get(20, TimeUnit.SECONDS);
            for (String message : List.of("x", "y".repeat(300), "z".repeat(500_000))) {
                socket.sendText(message, true).get(20, TimeUnit.SECONDS);
                assertEquals(message, inbox.next());
            }
            socket.sendClose(4001, "bye").get(20, TimeUnit.SECONDS);
            assertEquals("close 4001 bye", inbox.next());
        }
        serves();
    }

    @Test
    void aKilledWorkerIsReplaced() throws Exception {
        assertEquals(503, Http.get(port, "/killed").status());
        Await.until("both are back",
            () -> server.control().get("/status/applications/hostile/processes/running").text().strip().equals("2"));
        serves();
    }

    /** Runs another application at the same port. */
    private static void with(String app, Trial trial) throws Exception {
        server.control().apply("/config/applications/other", app);
        try {
            server.control().apply("/config/listeners/127.0.0.1:" + port, "{\"pass\": \"applications/other\"}");
            trial.run();
        } finally {
            server.control().apply("/config/listeners/127.0.0.1:" + port, "{\"pass\": \"applications/hostile\"}");
            server.control().delete("/config/applications/other");
        }
    }

    /** What is done with it. */
    private interface Trial {
        void run() throws Exception;
    }

    @Test
    void aStuckWorkerIsReplaced() throws Exception {
        with(app("hostile.py", "\"limits\": {\"timeout\": 1, \"stop_timeout\": 1}"), () -> {
            String before = pid();
            assertEquals(503, Http.get(port, "/never").status());
            Await.until("it is ended", () -> !ProcessHandle.of(Long.parseLong(before)).map(ProcessHandle::isAlive)
                .orElse(false));
            assertNotEquals(before, pid());
        });
    }

    @Test
    void aRequestInFlightIsFinished() throws Exception {
        with(app("hostile.py"), () -> {
            String before = pid();
            try (Http http = Http.tcp(port)) {
                http.send("GET /sleep?1500 HTTP/1.1\r\nHost: localhost\r\n\r\n");
                Await.until("the request is running",
                    () -> server.control().get("/status/applications/other/requests/active").text().contains("1"));
                assertEquals(200, server.control().get("/control/applications/other/restart").status());
                assertEquals(before, http.response(false).text());
            }
            Await.until("then it leaves", () -> !ProcessHandle.of(Long.parseLong(before))
                .map(ProcessHandle::isAlive).orElse(false));
            assertNotEquals(before, pid());
        });
    }

    @Test
    void restartsAndLimitsLoseNoRequest() throws Exception {
        Set<String> pids = new HashSet<>();
        with(app("hostile.py", "\"processes\": 2", "\"limits\": {\"requests\": 25}"), () -> {
            try (Load load = Load.start(port, "/sleep?3", 4, response -> {
                synchronized (pids) {
                    pids.add(response.text());
                }
            })) {
                for (int i = 0; i < 3; i++) {
                    load.awaitMore(50);
                    assertEquals(200, server.control().get("/control/applications/other/restart").status());
                }
                load.awaitMore(50);
                assertEquals(List.of(), load.stop());
            }
        });
        assertTrue(pids.size() >= 8, pids.toString());
    }

    @Test
    void aServerThatTakesOneConnectionAtATime() throws Exception {
        String file = server.app("http").resolve("port.py").toString();
        with(app("", "\"arguments\": [\"" + file + "\", \"$PORT\", \"0\"]", "\"listen\": \"port\"",
            "\"concurrency\": 1"),
            () -> {
                try (Load load = Load.start(port, "/", 6)) {
                    load.awaitMore(300);
                    assertEquals(List.of(), load.stop());
                }
            });
    }

    private static String python(String executable, String arguments, String... members) throws IOException {
        return "{\"type\": \"http\", \"executable\": \"" + executable + "\", \"arguments\": [" + arguments
            + "], \"working_directory\": \"" + server.app("http") + "\"" + (members.length == 0 ? "" : ", ")
            + String.join(", ", members) + "}";
    }

    /** Servers of Debian. Their own words go to the log of the server. */
    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '^', value = {
        "gunicorn!'known:wsgi'",
        "gunicorn!'--threads', '4', '--workers', '2', 'known:wsgi'",
        "/usr/bin/uvicorn!'--fd', '3', '--log-level', 'warning', 'known:asgi'"})
    void knownServers(String executable, String arguments) throws Exception {
        with(python(executable, arguments.replace('\'', '"'), "\"processes\": 2"), () -> {
            try (Load load = Load.start(port, "/x", 4)) {
                load.awaitMore(100);
                assertEquals(200, server.control().get("/control/applications/other/restart").status());
                load.awaitMore(100);
                assertEquals(List.of(), load.stop());
            }
            byte[] body = new byte[300_000];
            try (Http http = Http.tcp(port)) {
                http.send("POST /a%20b?c HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000\r\n\r\n");
                http.send(body);
                assertEquals("POST /a b c 300000", http.response(false).text());
            }
        });
    }

    @Test
    void whatAScriptHasStartedLeavesWithIt() throws Exception {
        // The variable names the script, which is what was started.
        String commands = "/usr/bin/python3 -c \\\"import os, runpy; os.environ['LISTEN_PID'] = str(os.getpid()); "
            + "runpy.run_path('" + server.app("http").resolve("hostile.py") + "')\\\"; exit $?";
        with(app("", "\"executable\": \"/bin/sh\"", "\"arguments\": [\"-c\", \"" + commands + "\"]"), () -> {
            String before = pid();
            assertEquals(200, server.control().get("/control/applications/other/restart").status());
            Await.until("it leaves", () -> !ProcessHandle.of(Long.parseLong(before)).map(ProcessHandle::isAlive)
                .orElse(false));
            assertNotEquals(before, pid());
        });
    }

    @Test
    void aServerInTheBackgroundIsEndedAndNamed() throws Exception {
        server.expect("has ended and left its sockets to");
        int before = server.log().length();
        server.control().put("/config/applications/other", python("gunicorn", "\"--daemon\", \"known:wsgi\""));
        String pid = server.awaitLog(before, "\"other\" application: process \\d+ has ended and left its sockets to "
            + "\\[(\\d+)").group(1);
        Await.until("it is ended", () -> !ProcessHandle.of(Long.parseLong(pid)).map(ProcessHandle::isAlive)
            .orElse(false));
        server.control().delete("/config/applications/other");
        serves();
    }

    @Test
    void readyIsWhatAnswersBelow400() throws Exception {
        String file = server.app("http").resolve("port.py").toString();
        long begin = System.nanoTime();
        with(app("", "\"arguments\": [\"" + file + "\", \"$PORT\", \"1.5\"]", "\"listen\": \"port\"",
            "\"ready\": \"/ready\""), () -> {
                assertTrue(System.nanoTime() - begin >= 1_500_000_000L, "it was not ready yet");
                assertEquals(200, Http.get(port, "/").status());
            });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "\"executable\": \"/nonexistent\", \"listen\": \"port\"!No such file or directory",
        "\"executable\": \"/nonexistent\"!ended before it served",
        "\"executable\": \"/bin/false\", \"listen\": \"port\"!ended before it served",
        "\"executable\": \"/bin/sleep\", \"arguments\": [\"1000\"], \"limits\": {\"start_timeout\": 1}!start_timeout",
        "\"executable\": \"/bin/sleep\", \"arguments\": [\"1000\"], \"listen\": \"port\", "
            + "\"limits\": {\"start_timeout\": 1}!start_timeout"})
    void whatDoesNotServeIsRefused(String options, String why) throws Exception {
        server.expect("failed to start|failed to apply|execve|exited with code|start of");
        int before = server.log().length();
        Response response = server.control().put("/config/applications/broken", "{\"type\": \"http\", " + options
            + "}");
        assertEquals(500, response.status(), response.text());
        assertTrue(response.text().contains("failed to start application \\\"broken\\\""), response.text());
        Await.until("somebody says why", () -> (response.text() + server.log().substring(before)).contains(why));
        assertEquals(200, Http.get(port, "/hello").status());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "\"arguments\": []!!executable", "\"executable\": \"\"!/applications/bad/executable!empty",
        "\"executable\": \"a\", \"listen\": \"x\"!/applications/bad/listen!inherit",
        "\"executable\": \"a\", \"ready\": \"x\"!/applications/bad/ready!must begin with",
        "\"executable\": \"a\", \"concurrency\": 0!/applications/bad/concurrency!concurrency",
        "\"executable\": \"a\", \"arguments\": [7]!/applications/bad/arguments!arguments",
        "\"executable\": \"a\", \"port\": 7!/applications/bad!port"})
    void wrongOptionsAreRefusedWhereTheyStand(String options, String pointer, String word) throws Exception {
        Response response = server.control().put("/config/applications/bad", "{\"type\": \"http\", " + options + "}");
        assertEquals(400, response.status(), response.text());
        assertTrue(response.text().contains(pointer == null ? "/applications/bad" : pointer), response.text());
        assertTrue(response.text().contains(word), response.text());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Applications of type {@code external}, by a client of the protocol in C: what is theirs alone, and what becomes of
 * those that break its rules. Beside them another one must be served all the time.
 */
@Timeout(180)
class LibunitIT {

    private static TestServer server;
    private static int good;
    private static int bad;
    private static long router;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("external");
        server.expect("is killed: |exited on signal 9|failed to start|response buffer too small|failed to apply"
            + "|nothing to say");
        List<Integer> ports = Distribution.freePorts(2);
        good = ports.get(0);
        bad = ports.get(1);
        server.control().apply("/config", "{\"settings\": {\"http\": {\"max_body_size\": 200000000}}, "
            + "\"listeners\": {\"127.0.0.1:" + good + "\": {\"pass\": \"applications/good\"}}, "
            + "\"applications\": {\"good\": " + app("app", "\"processes\": 1") + "}}");
        router = server.await("unit: router");
    }

    @AfterAll
    static void stop() throws IOException {
        assertEquals(router, server.await("unit: router"));
        server.close();
    }

    private static String app(String program, String... members) throws IOException {
        return Tongue.EXTERNAL.app(server, program, members);
    }

    private static Response get(int port, String target) throws IOException {
        return Http.get(port, target);
    }

    /** Runs an application at the other port for the time of a test. */
    private static void with(String application, Trial trial) throws Exception {
        server.control().apply("/config/applications/bad", application);
        server.control().apply("/config/listeners/127.0.0.1:" + bad, "{\"pass\": \"applications/bad\"}");
        try {
            trial.run();
        } finally {
            server.control().apply("/config/listeners/127.0.0.1:" + bad, "{\"pass\": \"applications/good\"}");
            server.control().delete("/config/applications/bad");
        }
    }

    /** What is done with another application. */
    private interface Trial {
        void run() throws Exception;
    }

    // ---- what is theirs --------------------------------------------------

    @Test
    void seesTheRequestAsItIs() throws Exception {
        try (Http http = Http.tcp(good)) {
            http.send("POST /%65cho/../echo?a=%62 HTTP/1.1\r\nHost: Example.ORG:99\r\nX-Field: value\r\n"
                + "Content-Length: 3\r\n\r\nabc");
            assertEquals("POST /%65cho/../echo?a=%62 /echo a=%62 HTTP/1.1|127.0.0.1|127.0.0.1|example.org|0 0 3 value",
                http.response(false).text());
        }
        assertEquals("GET /echo /echo  HTTP/1.1|127.0.0.1|127.0.0.1|localhost|0 0 0 -", get(good, "/echo").text());
    }

    @Test
    void answersWithNothing() throws Exception {
        Response response = get(good, "/empty");
        assertEquals(200, response.status());
        assertEquals("text/plain", response.header("Content-Type").orElseThrow());
        assertEquals(0, response.body().length);
    }

    @Test
    void worksOnManyRequestsAtATime() throws Exception {
        List<Http> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                clients.add(Http.tcp(good));
                clients.getLast().send("GET /together?40 HTTP/1.1\r\nHost: localhost\r\n\r\n");
            }
            for (Http client : clients) {
                assertEquals("40", client.response(false).text());
            }
        } finally {
            for (Http client : clients) {
                client.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16_360, 65_536, 65_537, 1_000_000, 10_485_000})
    void headAndBodyInOneMessage(int size) throws Exception {
        byte[] body = get(good, "/whole?" + size).body();
        assertEquals(size, body.length);
        for (int i = 0; i < size; i++) {
            assertEquals((byte) (i % 251), body[i]);
        }
    }

    @Test
    void manySmallPartsForASlowClient() throws Exception {
        try (Http slow = Http.tcp(good)) {
            slow.send("GET /small?15000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertEquals(15_000_000, slow.response(false).body().length);
        }
    }

    @Test
    void waitsForMemoryThatASlowClientKeeps() throws Exception {
        with(app("app", "\"limits\": {\"shm\": 10485760}"), () -> {
            try (Http slow = Http.tcp(bad)) {
                slow.send("GET /bytes?60000000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
                Await.until("it runs", () ->
                    server.control().get("/status/applications/bad/requests/active").text().contains("1"));
                assertEquals("Hello world\n", get(good, "/hello").text());
                assertEquals(60_000_000, slow.response(false).body().length);
            }
            assertEquals("Hello world\n", get(bad, "/hello").text());
        });
    }

    @Test
    void aProcessThatIsDoneMayLeaveBeforeItsClientHasAll() throws Exception {
        with(app("app", "\"limits\": {\"requests\": 1}"), () -> {
            try (Http slow = Http.tcp(bad)) {
                slow.send("GET /bytes?50000000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
                String next = get(bad, "/pid").text();
                assertTrue(next.matches("\\d+"), next);
                assertEquals(50_000_000, slow.response(false).body().length);
            }
        });
    }

    private static String script(String commands, String... members) throws IOException {
        return "{\"type\": \"external\", \"executable\": \"/bin/sh\", \"arguments\": [\"-c\", \""
            + commands.replace("APP", NativeApps.of(server).resolve("app").toString()) + "\"]"
            + String.join("", members) + "}";
    }

    private static boolean runs(String pid) {
        return ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive).isPresent();
    }

    /** Who starts a program by a script, with exec or without, gets all of it ended when it is stuck. */
    @ParameterizedTest
    @ValueSource(strings = {"exec APP", "APP; exit $?"})
    void aScriptMayStartTheProgram(String commands) throws Exception {
        with(script(commands, ", \"limits\": {\"timeout\": 1, \"stop_timeout\": 1}"), () -> {
            String pid = get(bad, "/pid").text();
            assertEquals(503, get(bad, "/sleep?60000").status());
            Await.until("the program itself is ended", () -> !runs(pid));
            servesAgain();
            String next = get(bad, "/pid").text();
            assertEquals(200, server.control().get("/control/applications/bad/restart").status());
            Await.until("it leaves", () -> !runs(next));
        });
    }

    /** It would take requests, without a process of the server that could answer them, and be one more each time. */
    @Test
    void whatIsLeftInTheBackgroundIsEndedAndNamed() throws Exception {
        server.expect("has ended and left its sockets to");
        int before = server.log().length();
        server.control().put("/config/applications/bad", script("APP & sleep 0.2"));
        String pid = server.awaitLog(before, "\"bad\" application: process \\d+ has ended and left its sockets to "
            + "\\[(\\d+)\\]").group(1);
        Await.until("it is ended", () -> !runs(pid));
        server.control().delete("/config/applications/bad");
        assertEquals("Hello world\n", get(good, "/hello").text());
    }

    @Test
    void descriptorsAreGivenBack() throws Exception {
        rests(() -> {
            for (int i = 0; i < 5; i++) {
                with(app("app", "\"processes\": 2"), () -> {
                    for (String how : new String[] {"/hello", "/killed", "/bytes?5000000", "/nothing", "/pid"}) {
                        get(bad, how);
                    }
                });
            }
            for (String lie : new String[] {"record-twice", "record-free", "record-size", "segment-cut",
                "segment-half", "segment-size", "segment-twice", "response-name", "queue-early", "queue-ruin",
                "queue-own", "queue-unread", "port-file", "port-queue", "control-ready"}) {
                with(app("liar", "\"arguments\": [\"" + lie + "\"]"), () -> {
                    int before = server.log().length();
                    try (Http http = Http.tcp(bad)) {
                        http.send("GET /lie HTTP/1.1\r\nHost: localhost\r\n\r\n");
                        Await.until("named for " + lie,
                            () -> server.log().substring(before).contains("is killed: "));
                    }
                });
            }
        });
    }

    /** Does it once to warm up, and then again: no more descriptors than before must be open. */
    private static void rests(Trial trial) throws Exception {
        trial.run();
        List<Integer> counts = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            List<Integer> last = new ArrayList<>(List.of(-1));
            Await.until("the number of descriptors rests", () -> {
                last.add(TestServer.descriptors(router));
                return last.getLast().equals(last.get(last.size() - 2));
            });
            counts.add(last.getLast());
            if (i == 0) {
                trial.run();
            }
        }
        int most = counts.getFirst();
        Await.until("no more descriptors than before: " + counts, () -> TestServer.descriptors(router) <= most);
    }

    // ---- what breaks the rules -------------------------------------------

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "ready-small      | memory of 4096 bytes instead of 655380",
        "ready-file       | a descriptor that is no memory",
        "ready-pipe       | a descriptor that is no memory",
        "ready-bare       | ready without the memory of a queue",
        "ready-other      | a message as process 1",
        "ready-short      | a message of 7 bytes",
        "ready-early      | the unexpected type 30"})
    void whoLiesAtTheStartDoesNotStart(String lie, String reason) throws Exception {
        int before = server.log().length();
        Response response = server.control().put("/config/applications/bad",
            app("liar", "\"arguments\": [\"" + lie + "\"]"));
        assertEquals(500, response.status(), response.text());
        assertTrue(response.text().contains("failed to start application"), response.text());
        Await.until("the log says why", () -> server.log().substring(before).matches("(?s).*app process \\d+ is "
            + "killed: [^\\n]*" + reason + ".*"));
        assertEquals("Hello world\n", get(good, "/hello").text());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "record-segment   | memory that it has not sent: 3",
        "record-huge      | memory that it has not sent: 4294967295",
        "record-chunk     | 100 bytes in chunk 640",
        "record-size      | 16385 bytes in chunk 639",
        "record-negative  | 2147483649 bytes in chunk",
        "record-nothing   | 0 bytes in chunk",
        "record-free      | not its own now",
        "record-half      | unexpected type 27",
        "record-twice     | not its own now",
        "segment-size     | memory of 10485760 bytes instead of",
        "segment-source   | memory from 1 to",
        "segment-target   | memory from",
        "segment-id       | memory with the number 10 of 10",
        "segment-negative | memory with the number 4294967295",
        "segment-twice    | memory with the number 0",
        "segment-none     | unexpected type 16",
        "segment-cut      | cut its memory",
        "segment-half     | cut its memory",
        "response-name    | points out of its buffer",
        "response-back    | points out of its buffer",
        "response-value   | points out of its buffer",
        "response-rest    | points out of its buffer",
        "header-type      | unexpected type 99",
        "header-pid       | a message as process",
        "header-fragment  | a part of a message",
        "header-ack       | a request that it has not taken",
        "queue-item       | 200 bytes into an item",
        "queue-empty-item | 0 bytes into an item",
        "queue-ruin       | bytes into an item of a queue",
        "queue-rings      | a queue in its memory was destroyed",
        "queue-early      | two messages that its queue does not know of",
        "queue-own        | a queue in its memory was destroyed",
        "queue-unread     | does not read what it is sent",
        "control-type     | unexpected type 27",
        "control-port     | asked for the port 999",
        "control-memory   | memory that does not exist",
        "control-ready    | no memory",
        "control-large    | more than 16384 bytes",
        "control-length   | unexpected type 14",
        "port-zero        | a port 0",
        "port-file        | a port without a socket",
        "port-one         | a port 1",
        "port-other       | a port 1",
        "port-queue       | no memory"})
    void whoLiesIsKilledAndNamed(String lie, String reason) throws Exception {
        with(app("liar", "\"arguments\": [\"" + lie + "\"]"), () -> {
            int before = server.log().length();
            assertEquals("hello\n", get(bad, "/hello").text());
            try (Http http = Http.tcp(bad)) {
                http.send("GET /lie HTTP/1.1\r\nHost: localhost\r\n\r\n");
                Await.until("the log says why", () -> server.log().substring(before).matches("(?s).*app process \\d+ "
                    + "of \"bad\" is killed: [^\\n]*" + reason + ".*"));
            }
            assertEquals("Hello world\n", get(good, "/hello").text());
            servesAgain();
        });
    }

    /** One that is being killed may have taken a request meanwhile. */
    private static void servesAgain() {
        Await.until("served again", () -> get(bad, "/hello").status() == 200);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "response-small   | response buffer too small: 10",
        "response-fields  | response buffer too small for fields count: 1000",
        "response-many    | response buffer too small for fields count: 4026531841"})
    void whatIsNoResponseIsA503(String lie, String reason) throws Exception {
        with(app("liar", "\"arguments\": [\"" + lie + "\"]"), () -> {
            int before = server.log().length();
            assertEquals(503, get(bad, "/lie").status());
            Await.until("the log says why", () -> server.log().substring(before).contains(reason));
            assertEquals("hello\n", get(bad, "/hello").text());
        });
    }

    @Test
    void whoRuinsTheQueueOfAllRuinsItForItsApplicationOnly() throws Exception {
        with(app("liar", "\"arguments\": [\"queue-shared\"]"), () -> {
            int before = server.log().length();
            get(bad, "/lie");
            servesAgain();
            assertTrue(server.log().substring(before).contains("is killed: a queue in its memory was destroyed"));
            assertEquals("Hello world\n", get(good, "/hello").text());
        });
    }

    @Test
    void whoShoutsHoldsNobodyUp() throws Exception {
        with(app("liar", "\"arguments\": [\"queue-flood\"]", "\"limits\": {\"timeout\": 2}"), () -> {
            assertEquals("hello\n", get(bad, "/hello").text());
            try (Http http = Http.tcp(bad)) {
                http.send("GET /lie HTTP/1.1\r\nHost: localhost\r\n\r\n");
                for (int i = 0; i < 50; i++) {
                    assertEquals("Hello world\n", get(good, "/hello").text());
                }
                assertEquals(503, http.response(false).status());
            }
        });
    }
}

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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests through the proxy, to servers that answer literally what a test says. */
@Timeout(180)
class ProxyIT {
    private static final int LARGE = 60_000_000;
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String CHUNKED = OK + "Transfer-Encoding: chunked\r\n\r\n";

    /** What the server says to a target, byte for byte; it closes the connection then. */
    private static final Map<String, String> LITERAL = new ConcurrentHashMap<>();
    private static final Semaphore ENDED = new Semaphore(0);

    private static TestServer server;
    private static Origin origin;
    private static Origin local;
    private static int port;
    private static int unixPort;
    private static int quick;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking();
        origin = Origin.tcp(ProxyIT::serve);
        Path socket = server.base().resolve("tmp").resolve("origin");
        local = Origin.unix(socket, ProxyIT::serve);
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rwxrwxrwx"));
        var ports = Distribution.freePorts(3);
        port = ports.getFirst();
        unixPort = ports.get(1);
        quick = ports.get(2);
        server.control().apply("/config", """
            {"settings": {"http": {"max_body_size": 120000000, "chunked_transform": true}},
             "listeners": {"127.0.0.1:%d": {"pass": "routes/tcp"}, "127.0.0.1:%d": {"pass": "routes/unix"},
                           "127.0.0.1:%d": {"pass": "upstreams/quick"}},
             "upstreams": {"quick": {"servers": {"127.0.0.1:%d": {}}, "response_timeout": 1, "read_timeout": 1}},
             "routes": {"tcp": [
                {"match": {"uri": "/rewritten"},
                 "action": {"rewrite": "/new way/%%25", "proxy": "http://127.0.0.1:%d"}},
                {"match": {"uri": "/collected"},
                 "action": {"rewrite": "/echo", "proxy": "http://127.0.0.1:%d", "request_buffering": true}},
                {"action": {"proxy": "http://127.0.0.1:%d", "response_headers": {"X-Filtered": "yes"}}}],
              "unix": [{"action": {"proxy": "http://unix:%s"}}]}}""".formatted(port, unixPort, quick, origin.port(),
            origin.port(), origin.port(), origin.port(), socket));
    }

    @AfterAll
    static void stop() throws IOException {
        origin.close();
        local.close();
        server.close();
    }

    private static void serve(Origin.Call call) throws IOException {
        String target = call.target();
        if (LITERAL.containsKey(target)) {
            call.body();
            call.send(LITERAL.get(target));
            call.close();
        } else if (target.startsWith("/echo")) {
            byte[] body = call.body();
            call.send(OK + "Content-Length: " + body.length + "\r\n\r\n");
            call.send(body);
        } else if (target.startsWith("/chunks")) {
            byte[] body = call.body();
            call.send(CHUNKED);
            for (int at = 0; at < body.length; at += 10_000) {
                int size = Math.min(10_000, body.length - at);
                call.send(Integer.toHexString(size) + "\r\n");
                call.send(Arrays.copyOfRange(body, at, at + size));
                call.send("\r\n");
            }
            call.send("0\r\n\r\n");
        } else if (target.equals("/silent") || target.equals("/halfway")) {
            if (target.equals("/halfway")) {
                call.send(OK + "Content-Length: 10\r\n\r\nhalf");
            }
            call.awaitEnd();
            ENDED.release();
            call.close();
        } else if (target.equals("/reset")) {
            call.reset();
        } else if (target.equals("/resetbody")) {
            call.send(OK + "Content-Length: 10\r\n\r\nhalf");
            call.reset();
        } else if (target.equals("/endless")) {
            for (byte[] part = new byte[1 << 16];;) {
                call.send(part);
            }
        } else if (target.equals("/flood")) {
            call.send(OK + "\r\n");
            try {
                for (byte[] part = new byte[1 << 16];;) {
                    call.send(part);
                }
            } finally {
                ENDED.release();
            }
        } else {
            call.answer(call.head());
        }
    }

    private static String raw(int to, String target) throws IOException {
        try (Http http = Http.tcp(to)) {
            http.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            return new String(http.rest(), StandardCharsets.ISO_8859_1);
        }
    }

    private static String literal(String answer) {
        String target = "/literal" + LITERAL.size();
        LITERAL.put(target, answer);
        return target;
    }

    private static String text(String escaped) {
        return escaped.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0").replace("OK:", OK);
    }

    // ---- requests -----------------------------------------------------

    @Test
    void whatArrivesIsTheRequestWithoutItsConnection() throws Exception {
        for (int to : new int[] {port, unixPort}) {
            try (Http http = Http.tcp(to)) {
                String sent = "GET /a%20b/../c?d=%20#e HTTP/1.1\r\nHost: example.org:1\r\nX-One: 1\r\n"
                    + "Connection: x-own, keep-alive\r\nX-Own: 1\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\n"
                    + "TE: gzip, trailers\r\nTrailer: x\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n"
                    + "Proxy-Authorization: p\r\nCookie: a=b\r\nx-one: 2\r\n\r\n";
                assertEquals("GET /a%20b/../c?d=%20 HTTP/1.1\r\nHost: example.org:1\r\nX-One: 1\r\n"
                    + "Proxy-Authorization: p\r\nCookie: a=b\r\nx-one: 2\r\nConnection: TE\r\nTE: trailers\r\n\r\n",
                    http.exchange(sent).text());
                assertEquals("GET /x HTTP/1.1\r\nHost: h\r\n\r\n", http.exchange("GET /x HTTP/1.0\r\nHost: h\r\n"
                    + "Connection: keep-alive\r\n\r\n").text());
            }
        }
        try (Http http = Http.tcp(port)) {
            assertEquals("GET /new%20way/%25?q HTTP/1.1\r\nHost: h\r\n\r\n",
                http.exchange("GET /rewritten?q HTTP/1.1\r\nHost: h\r\n\r\n").text());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8192, 8193, 20_000, 2_000_000, LARGE})
    void bodiesPassBothWays(int size) throws Exception {
        byte[] body = new byte[size];
        new Random(size).nextBytes(body);
        for (String target : new String[] {"/echo", "/chunks"}) {
            try (Http http = Http.tcp(size % 2 == 0 ? port : unixPort)) {
                http.send("POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + size + "\r\n\r\n");
                http.send(body);
                Response response = http.response(false);
                assertEquals(200, response.status());
                assertArrayEquals(body, response.body());
                assertEquals(target.equals("/echo"), response.header("Content-Length").isPresent());
            }
        }
    }

    @Test
    void aBodyInChunksHasALengthThereIfItIsCollected() throws Exception {
        try (Http http = Http.tcp(port)) {
            for (String path : new String[] {"/collected", "/echo"}) {
                Response response = http.exchange("POST " + path + " HTTP/1.1\r\nHost: h\r\n"
                    + "Transfer-Encoding: chunked\r\nTrailer: X-Y\r\n\r\n"
                    + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Y: z\r\n\r\n");
                assertEquals("abcde", response.text());
                String head = origin.heads().getLast();
                boolean collected = path.equals("/collected");
                assertEquals(collected, head.contains("\r\nContent-Length: 5\r\n"), head);
                assertEquals(!collected, head.contains("\r\nTransfer-Encoding: chunked\r\n"), head);
                assertFalse(head.contains("Trailer"), head);
            }
        }
    }

    // ---- answers ------------------------------------------------------

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "OK:Content-Length: 5\\r\\n\\r\\nhello|hello",
        "OK:\\r\\nuntil the end|until the end",
        "OK:Transfer-Encoding: chunked\\r\\n\\r\\n5;x=y\\r\\nhello\\r\\n0\\r\\nA: b\\r\\n\\r\\n|hello",
        "HTTP/1.0 200 OK\\n Content-Length: 5\\n\\nhello|",
        "HTTP/1.0 200 OK\\nContent-Length: 5\\n\\nhello|hello",
        "HTTP/1.1 200 OK\\r\\nX: y\\nContent-Length: 5\\r\\n\\nhello|hello",
        "OK:Content-Length: 5\\r\\nContent-Length: 5\\r\\n\\r\\nhello|hello",
        "OK:Content-Length: 9\\r\\nContent-Length: 5\\r\\n\\r\\nhello|hello",
        "OK:Content-Length: five\\r\\n\\r\\nhello|hello",
        "OK:Content-Length: 5\\r\\n\\r\\nhello more|hello",
        "HTTP/1.1 103 Early\\r\\nLink: x\\r\\n\\r\\nOK:Content-Length: 5\\r\\n\\r\\nhello|hello",
        "HTTP/1.1 100 Continue\\r\\n\\r\\nOK:Content-Length: 5\\r\\n\\r\\nhello|hello"})
    void answersArePassed(String answer, String body) throws Exception {
        Response response = Http.get(quick, literal(text(answer)));
        while (response.status() < 200) {
            // The final one follows on a connection of its own here, so only the body is compared below.
            response = new Response(response.statusLine().replace("103", "200"), response.headers(), "hello".getBytes(
                StandardCharsets.US_ASCII));
        }
        if (body == null) {
            assertEquals(502, response.status());
        } else {
            assertEquals(200, response.status());
            assertEquals(body, response.text());
        }
    }

    @Test
    void fieldsOfTheServerAreKeptButThoseOfItsConnection() throws Exception {
        String target = literal("HTTP/1.1 299 Odd\r\nServer: x\r\nDate: then\r\nConnection: x-own\r\nX-Own: 1\r\n"
            + "Keep-Alive: 3\r\nStatus: 3\r\nX-A: 1\r\nX-A: 2\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nok");
        Response response = Http.get(port, target);
        assertEquals(299, response.status());
        assertEquals("ok", response.text());
        assertEquals(1, response.headers().stream().filter(line -> line.startsWith("Date: then")).count());
        assertEquals("3", response.header("Status").orElseThrow());
        assertEquals("yes", response.header("X-Filtered").orElseThrow());
        assertEquals(2, response.headers().stream().filter(line -> line.startsWith("X-A: ")).count());
        assertTrue(response.header("Server").orElseThrow().startsWith("Unit"));
        for (String name : new String[] {"X-Own", "Keep-Alive", "Upgrade"}) {
            assertFalse(response.header(name).isPresent(), name);
        }
    }

    @Test
    void interimResponsesAndTrailersArePassed() throws Exception {
        String target = literal("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + CHUNKED
            + "2\r\nok\r\n0\r\nX-Sum: 7\r\nContent-Length: 9\r\n\r\n");
        try (Http http = Http.tcp(port)) {
            http.send("GET " + target + " HTTP/1.1\r\nHost: h\r\nTE: trailers\r\nConnection: close\r\n\r\n");
            String all = new String(http.rest(), StandardCharsets.ISO_8859_1);
            assertTrue(all.matches("(?s)HTTP/1.1 103 [^\r]*\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n.*"), all);
            assertTrue(all.endsWith("2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n"), all);
        }
        assertTrue(raw(port, target).endsWith("2\r\nok\r\n0\r\n\r\n"), "a client that has not asked gets no trailers");
    }

    @Test
    void anAnswerToHeadHasNoBody() throws Exception {
        try (Http http = Http.tcp(port)) {
            http.send("HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\n");
            assertTrue(http.response(true).header("Content-Length").isPresent());
            // Nothing of the one answer is taken for the next.
            assertEquals(200, http.exchange("GET /abc HTTP/1.1\r\nHost: h\r\n\r\n").status());
        }
    }

    // ---- what is no answer --------------------------------------------

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "garbage\\r\\n\\r\\n|no status line", "HTTP/1.1 20 OK\\r\\n\\r\\n|no status line",
        "HTTP/2 200 OK\\r\\n\\r\\n|no status line", "HTTP/1.1 099 No\\r\\n\\r\\n|no status line",
        "OK:X-Half: |before its answer was complete", "nothing|before its answer was begun",
        "OK:A b: c\\r\\n\\r\\n|a line that is no field", "OK:A: b\\r\\n c\\r\\n\\r\\n|a line that is no field",
        "OK:A: b\\0\\r\\n\\r\\n|control character", "OK:A: b\\rc\\r\\n\\r\\n|control character",
        "OK:Content-Length: 1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n|both Content-Length and",
        "OK:Transfer-Encoding: chunked\\r\\nContent-Length: x\\r\\n\\r\\n|both Content-Length and",
        "OK:Transfer-Encoding: gzip, chunked\\r\\n\\r\\n|unknown Transfer-Encoding",
        "OK:Transfer-Encoding: chunked\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n|unknown Transfer-Encoding",
        "HTTP/1.0 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n|unknown Transfer-Encoding",
        "HTTP/1.1 101 Switching\\r\\nUpgrade: x\\r\\n\\r\\n|change of the protocol"})
    void whatIsNoHeadIsABadGateway(String answer, String why) throws Exception {
        int before = server.log().length();
        assertEquals(502, Http.get(port, literal(text(answer.equals("nothing") ? "" : answer))).status());
        Await.until("the log says why", () -> server.log().substring(before).matches(
            "(?s).*\\[error\\] [^\n]*upstream server \"127.0.0.1:" + origin.port() + "\" [^\n]*" + why + ".*"));
        assertEquals(200, Http.get(port, "/good").status());
    }

    @Test
    void endlessHeadsResetsAndSilenceAreNoAnswers() throws Exception {
        assertEquals(502, Http.get(port, literal(OK + "A: " + "x".repeat(70_000))).status());
        assertTrue(raw(port, literal("HTTP/1.1 102 More\r\n\r\n".repeat(100))).contains("\r\nHTTP/1.1 502 "));
        assertEquals(502, Http.get(port, "/endless").status());
        assertEquals(502, Http.get(port, "/reset").status());
        ENDED.drainPermits();
        assertEquals(504, Http.get(quick, "/silent").status());
        assertTrue(ENDED.tryAcquire(30, TimeUnit.SECONDS), "the server learns of it");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"Content-Length: 10\\r\\n\\r\\nhello|hello",
        "Transfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n|5\\r\\nhello\\r\\n",
        "Transfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n|5\\r\\nhello\\r\\n",
        "Transfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhello\\r\\nx|5\\r\\nhello\\r\\n"})
    void whatEndsTooEarlyIsCut(String answer, String end) throws Exception {
        String all = raw(port, literal(OK + text(answer)));
        assertTrue(all.startsWith("HTTP/1.1 200 ") && all.endsWith("\r\n\r\n" + text(end)), all);
        assertEquals(200, Http.get(port, "/good").status());
    }

    @Test
    void anAnswerThatStopsIsCut() throws Exception {
        assertTrue(raw(port, "/resetbody").endsWith("half"));
        assertTrue(raw(quick, "/halfway").endsWith("half"), "after read_timeout");
    }

    @Test
    void nobodyThereIsABadGatewayAndNamesAreLookedUp() throws Exception {
        int nobody = Distribution.freePorts(1).getFirst();
        int to = Distribution.freePorts(1).getFirst();
        for (String address : new String[] {"127.0.0.1:" + nobody, "unix:/nonexistent", "name.invalid:80",
            "localhost:" + origin.port()}) {
            server.control().apply("/config/routes/nobody", "[{\"action\": {\"proxy\": \"http://" + address
                + "\", \"connect_timeout\": 3}}]");
            server.control().apply("/config/listeners/127.0.0.1:" + to, "{\"pass\": \"routes/nobody\"}");
            int status = Http.get(to, "/").status();
            // Without a network the question for the name may have no answer in time.
            assertEquals(address.startsWith("localhost") ? 200 : 502, address.startsWith("name") && status == 504 ? 502
                : status, address);
        }
        server.control().delete("/config/listeners/127.0.0.1:" + to);
        server.control().delete("/config/routes/nobody");
    }

    // ---- ends ---------------------------------------------------------

    @Test
    void aClientThatLeavesIsLeft() throws Exception {
        ENDED.drainPermits();
        try (Http http = Http.tcp(port)) {
            http.send("GET /flood HTTP/1.1\r\nHost: h\r\n\r\n");
        }
        assertTrue(ENDED.tryAcquire(30, TimeUnit.SECONDS), "in the middle of an answer");
        try (Http http = Http.tcp(port)) {
            int before = origin.heads().size();
            http.send("GET /silent HTTP/1.1\r\nHost: h\r\n\r\n");
            Await.until("the server has the request", () -> origin.heads().size() > before);
        }
        assertTrue(ENDED.tryAcquire(30, TimeUnit.SECONDS), "before an answer");
    }

    @Test
    void aSlowClientSlowsTheServerDown() throws Exception {
        ENDED.drainPermits();
        try (Http http = Http.tcp(port)) {
            http.send("GET /flood HTTP/1.1\r\nHost: h\r\n\r\n");
            long router = server.await("unit: router");
            Await.until("the server is stopped by the full sockets", () -> origin.open() > 0);
            long before = resident(router);
            for (int i = 0; i < 20; i++) {
                assertEquals(200, Http.get(unixPort, "/good").status());
            }
            assertTrue(resident(router) - before < 64 << 10, "what is not read stays with the server");
        }
        assertTrue(ENDED.tryAcquire(30, TimeUnit.SECONDS));
    }

    /** Kilobytes. */
    private static long resident(long process) throws IOException {
        return Files.readString(Path.of("/proc/" + process + "/status")).lines()
            .filter(line -> line.startsWith("VmRSS:")).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst().orElseThrow();
    }
}

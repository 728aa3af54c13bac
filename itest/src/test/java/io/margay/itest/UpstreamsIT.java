// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.testing.DnsServer;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Upstreams with several servers: who gets a request, who does not, and what operators see and do. */
@Timeout(300)
class UpstreamsIT {
    private static final Set<String> UNWELL = ConcurrentHashMap.newKeySet();

    private static TestServer server;
    private static Origin a;
    private static Origin b;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking();
        server.expect("upstream");
        a = Origin.tcp(call -> serve("a", call));
        b = Origin.tcp(call -> serve("b", call));
        port = Distribution.freePorts(1).getFirst();
    }

    @AfterAll
    static void stop() throws IOException {
        a.close();
        b.close();
        server.close();
    }

    private static void serve(String name, Origin.Call call) throws IOException {
        if (call.target().equals("/health")) {
            call.send("HTTP/1.1 " + (UNWELL.contains(name) ? "503 No" : "200 OK") + "\r\nContent-Length: 0\r\n\r\n");
        } else if (call.target().equals("/lost/" + name)) {
            call.reset();
        } else if (call.target().equals("/head")) {
            call.answer(call.head());
        } else {
            call.body();
            call.answer(name);
        }
    }

    private static void configure(String servers, String options) throws IOException {
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "upstreams/u"}}, "upstreams": {"u": {"servers": {%s}%s}}}"""
            .formatted(port, servers.replace("A:", "\"127.0.0.1:" + a.port() + "\":")
                .replace("B:", "\"127.0.0.1:" + b.port() + "\":"), options));
    }

    private static Map<String, Integer> ask(int count, String target) throws IOException {
        Map<String, Integer> answers = new HashMap<>();
        try (Http http = Http.tcp(port)) {
            for (int i = 0; i < count; i++) {
                Response response = http.exchange("GET " + target.replace("#", String.valueOf(i))
                    + " HTTP/1.1\r\nHost: h\r\n\r\n");
                answers.merge(response.status() == 200 ? response.text() : String.valueOf(response.status()), 1,
                    Integer::sum);
            }
        }
        return answers;
    }

    private static String control(String place) throws IOException {
        return server.control().get("/control/upstreams" + place).text().replaceAll("\\s+", "");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "A: {}, B: {}||10 10", "A: {\"weight\": 3}, B: {}||15 5", "A: {}, B: {\"down\": true}||20 -",
        "A: {\"backup\": true}, B: {}||- 20", "A: {}, B: {}|, \"balance\": \"least_conn\"|10 10",
        "A: {\"weight\": 0}, B: {}|, \"balance\": \"least_conn\"|- 20"})
    void requestsAreShared(String servers, String options, String expected) throws Exception {
        configure(servers, options == null ? "" : options);
        Map<String, Integer> answers = ask(20, "/");
        assertEquals(expected, answers.getOrDefault("a", -1).toString().replace("-1", "-") + " "
            + answers.getOrDefault("b", -1).toString().replace("-1", "-"));
    }

    @Test
    void aNameIsAskedForAgain() throws Exception {
        try (DnsServer names = DnsServer.start()) {
            names.knows("web.example", 1, "127.0.0.1", "127.255.0.9", "::1");
            String server = "127.0.0.1:" + names.address().getPort();
            configure("\"web.example:" + a.port() + "\": {}", ", \"resolver\": [\"" + server + "\"]");
            assertEquals(Map.of("a", 20), ask(20, "/"), "the others take no connection, which costs no request");
            assertTrue(control("/u").contains("\"addresses\":[\"127.0.0.1\",\"127.255.0.9\",\"0:0:0:0:0:0:0:1\"]"),
                () -> names.asked().toString());
            names.knows("web.example", 1, "127.0.0.1");
            Await.until("it is asked again", () -> ask(1, "/").equals(Map.of("a", 1))
                && control("/u").contains("\"addresses\":[\"127.0.0.1\"]"));
            names.fails(true);
            int asked = names.asked().size();
            Await.until("it is asked and fails", () -> ask(1, "/").equals(Map.of("a", 1))
                && names.asked().size() > asked);
            assertEquals(Map.of("a", 20), ask(20, "/"), "what was known serves");
            configure("\"none.example:" + a.port() + "\": {}", ", \"resolver\": \"" + server + "\"");
            assertEquals(Map.of("502", 1), ask(1, "/"));
        }
        configure("\"LocalHost:" + a.port() + "\": {}", "");
        assertEquals(Map.of("a", 20), ask(20, "/"), "the file of hosts");
    }

    @Test
    void aKeyHasItsServer() throws Exception {
        configure("A: {}, B: {}", ", \"hash_key\": \"$uri\"");
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            Set<String> answers = ask(3, "/key" + i).keySet();
            assertEquals(1, answers.size(), "always the same");
            seen.addAll(answers);
        }
        assertEquals(Set.of("a", "b"), seen);
    }

    @Test
    void aServerThatIsGoneCostsNoRequest() throws Exception {
        int gone = Distribution.freePorts(1).getFirst();
        configure("A: {}, \"127.0.0.1:" + gone + "\": {\"fail_timeout\": 60}", "");
        assertEquals(Map.of("a", 50), ask(50, "/"));
        try (Http http = Http.tcp(port)) {
            assertEquals("a", http.exchange("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx").text());
        }
        assertTrue(control("/u/servers/127.0.0.1:" + gone).matches(".*\"state\":\"unavailable\".*\"failed\":1[^0-9].*"),
            () -> "others are preferred after one failure");
    }

    @Test
    void onlyWhatDoesNoHarmIsSentTwice() throws Exception {
        configure("A: {\"max_fails\": 0}, B: {\"max_fails\": 0}", "");
        assertEquals(Map.of("b", 20), ask(20, "/lost/a"));
        int lost = 0;
        for (int i = 0; i < 10; i++) {
            try (Http http = Http.tcp(port)) {
                http.send("POST /lost/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
                lost += http.response(false).status() == 502 ? 1 : 0;
            }
        }
        assertEquals(5, lost);
        configure("A: {\"max_fails\": 0}, B: {\"max_fails\": 0}", ", \"retry\": {\"tries\": 1}");
        assertEquals(Map.of("b", 10, "502", 10), ask(20, "/lost/a"));
    }

    @Test
    void whoIsUnwellGetsNothingUntilHeIsWell() throws Exception {
        configure("A: {}, B: {}", ", \"health_check\": {\"path\": \"/health\", \"interval\": 1, \"fails\": 2}");
        UNWELL.add("a");
        Await.until("it is found unwell", () -> control("").contains("unhealthy"));
        assertEquals(Map.of("b", 20), ask(20, "/"));
        UNWELL.add("b");
        Await.until("none is well", () -> ask(1, "/").containsKey("502"));
        UNWELL.clear();
        Await.until("both are well", () -> !control("").contains("unhealthy"));
        assertEquals(Map.of("a", 10, "b", 10), ask(20, "/"));
        assertTrue(a.heads().stream().anyMatch(head -> head.startsWith("GET /health HTTP/1.1\r\nHost: 127.0.0.1:")));
    }

    @Test
    void aServerIsDrained() throws Exception {
        configure("A: {}, B: {}", "");
        String place = "/control/upstreams/u/servers/127.0.0.1:" + a.port();
        assertEquals(200, server.control().put(place, "{\"drain\": true}").status());
        assertTrue(control("/u").contains("\"state\":\"draining\""));
        assertEquals(Map.of("b", 10), ask(10, "/"));
        configure("A: {}, B: {}", ", \"read_timeout\": 7");
        assertEquals(Map.of("b", 10), ask(10, "/"), "it is so after a change, too");
        assertEquals(200, server.control().put(place, "{\"drain\": false}").status());
        assertEquals(Map.of("a", 5, "b", 5), ask(10, "/"));
        assertEquals(404, server.control().put("/control/upstreams/u/servers/1.1.1.1:1", "{\"drain\": true}").status());
    }

    @Test
    void connectionsAreUsedAgain() throws Exception {
        configure("A: {}, B: {\"down\": true}", ", \"keepalive_timeout\": 60");
        int before = a.accepted();
        int heads = a.heads().size();
        for (int i = 0; i < 4; i++) {
            assertEquals(Map.of("a", 500), ask(500, "/"));
        }
        assertEquals(2000, a.heads().size() - heads);
        assertTrue(a.accepted() - before <= 2, "of 2000 requests at most 2 are on a new connection");
        String status = server.control().get("/status/upstreams").text().replaceAll("\\s+", "");
        assertTrue(status.contains("\"reused\":") && status.contains("\"2xx\":"), status);
    }

    @Test
    void fieldsAreChangedAndTheClientIsTold() throws Exception {
        configure("A: {}", ", \"request_headers\": {\"X-Real\": \"$remote_addr\", \"Cookie\": null,"
            + " \"Host\": \"b.example\", \"X-Path\": \"$uri\"}");
        try (Http http = Http.tcp(port)) {
            assertEquals("GET /head HTTP/1.1\r\nX-A: 1\r\nX-Real: 127.0.0.1\r\nHost: b.example\r\n"
                + "X-Path: /head\r\n\r\n", http.exchange("GET /head HTTP/1.1\r\nHost: h\r\ncookie: c\r\n"
                + "x-real: 9.9.9.9\r\nX-A: 1\r\n\r\n").text());
            http.exchange("GET /a%0d%0aX-Evil:%201 HTTP/1.1\r\nHost: h\r\n\r\n");
            assertTrue(a.heads().getLast().contains("\r\nX-Path: /a%0D%0AX-Evil: 1\r\n"), a.heads().getLast());
        }
        configure("A: {}", ", \"proxy_protocol\": \"v1\"");
        assertEquals(200, Http.get(port, "/x").status());
        assertTrue(a.heads().getLast().matches("(?s)PROXY TCP4 127.0.0.1 127.0.0.1 \\d+ " + port + "\r\nGET /x .*"),
            a.heads().getLast());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        ", \"balance\": \"best\"|/upstreams/u/balance",
        ", \"request_headers\": {\"TE\": \"x\"}|/upstreams/u/request_headers/TE",
        ", \"hash_key\": \"$uri\", \"balance\": \"least_conn\"|/upstreams/u/hash_key",
        ", \"request_headers\": {\"Content-Length\": \"1\"}|/upstreams/u/request_headers/Content-Length",
        ", \"proxy_protocol\": \"v3\"|/upstreams/u/proxy_protocol",
        ", \"tls\": {\"ca\": \"none\"}|/upstreams/u/tls/ca",
        ", \"resolver\": \"dns.example:53\"|/upstreams/u/resolver",
        ", \"http2\": 1|/upstreams/u/http2",
        ", \"http2\": true, \"fastcgi\": {\"root\": \"/w\"}|/upstreams/u/http2",
        ", \"resolver\": [\"10.0.0.1:53\", \"10.0.0.1\"]|/upstreams/u/resolver/1",
        ", \"health_check\": {\"path\": \"x\"}|/upstreams/u/health_check/path",
        ", \"health_check\": {\"status\": 99}|/upstreams/u/health_check/status",
        ", \"retry\": {\"tries\": -1}|/upstreams/u/retry/tries"})
    void whatCannotBeIsRefusedByItsPlace(String options, String place) throws Exception {
        String body = "{\"listeners\": {}, \"upstreams\": {\"u\": {\"servers\": {\"127.0.0.1:1\": {}}" + options
            + "}}}";
        Response response = server.control().put("/config", body);
        assertEquals(400, response.status());
        assertTrue(response.text().contains("\"" + place + "\""), response::text);
    }

    /** The server behind is this one again, on another listener. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"h2c\": true|",
        "\"tls\": {\"certificate\": \"h2\"}|, \"tls\": {\"verify\": false}"})
    void serversAreSpokenToInHttp2(String listener, String options) throws Exception {
        OpenSsl openssl = new OpenSsl(server.base().resolve("tmp"));
        openssl.selfSigned("h2", "rsa:2048");
        server.control().put("/certificates/h2", openssl.join("h2.crt", "h2.key"));
        int behind = Distribution.freePorts(1).getFirst();
        server.control().apply("/config", """
            {"settings": {"http": {"max_body_size": 100000000}},
             "listeners": {"127.0.0.1:%1$d": {"pass": "upstreams/u"}, "127.0.0.1:%2$d": {"pass": "routes", %3$s}},
             "routes": [{"match": {"uri": "/version"}, "action": {"return": 200, "body": "$request_line"}},
                        {"action": {"proxy": "http://127.0.0.1:%4$d"}}],
             "upstreams": {"u": {"servers": {"127.0.0.1:%2$d": {}}, "http2": true%5$s,
                                 "health_check": {"path": "/health", "interval": 1}}}}"""
            .formatted(port, behind, listener, a.port(), options == null ? "" : options));
        try (Http http = Http.tcp(port)) {
            assertEquals("GET /version HTTP/2.0", http.exchange("GET /version HTTP/1.1\r\nHost: h\r\n\r\n").text());
            // More than the windows of a stream and of a connection, from memory and from a file.
            for (int size : new int[] {10, 60_000, 300_000, 5_000_000}) {
                assertEquals("a", http.exchange("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: " + size + "\r\n\r\n"
                    + "x".repeat(size)).text());
                assertTrue(a.heads().stream().anyMatch(head -> head.startsWith("POST ")
                    && head.contains("Content-Length: " + size + "\r\n")), a.heads()::toString);
            }
            http.send("HEAD /version HTTP/1.1\r\nHost: h\r\n\r\n");
            assertEquals(200, http.response(true).status());
        }
        Await.until("it was asked how it is", () -> a.heads().stream().anyMatch(head ->
            head.startsWith("GET /health ") && head.contains("user-agent: health-check")));
        assertTrue(control("/u").contains("\"state\":\"up\""), control("/u"));
    }

    /** Twelve at a time, of which a connection has four: none waits for the end of another one. */
    @Test
    void requestsShareConnectionsInHttp2() throws Exception {
        try (Http2Origin origin = new Http2Origin(new Http2Settings().maxConcurrentStreams(4), call -> { })) {
            configure("\"127.0.0.1:" + origin.port() + "\": {}", ", \"http2\": true");
            List<Http> clients = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                clients.add(Http.tcp(port));
                clients.getLast().send("POST /" + i + " HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
            }
            Await.until("all of them are there", () -> origin.calls().size() == 12);
            Map<Integer, Integer> each = new HashMap<>();
            origin.calls().forEach(call -> each.merge(call.connection(), 1, Integer::sum));
            assertTrue(each.size() < 12 && each.values().stream().allMatch(count -> count <= 4), each::toString);
            assertTrue(control("/u").contains("\"active\":12"));
            // One client goes, one answer is late, and one is broken: the others do not notice.
            clients.getFirst().close();
            Await.until("its stream was reset", () -> origin.resets() == 1);
            origin.calls().removeIf(call -> call.client() == 0);
            Http2Origin.Call late = origin.calls().remove();
            Http2Origin.Call broken = origin.calls().remove();
            broken.reset(Http2Error.INTERNAL_ERROR);
            origin.calls().forEach(call -> call.answer(call.line()));
            for (Http2Origin.Call call : origin.calls()) {
                assertEquals(call.line(), clients.get(call.client()).response(false).text());
            }
            assertEquals(502, clients.get(broken.client()).response(false).status());
            late.answer("late");
            assertEquals("late", clients.get(late.client()).response(false).text());
            Await.until("no request is left", () -> control("/u").contains("\"active\":0"));
            for (Http client : clients) {
                client.close();
            }
        }
    }

    /** What a server says that it has not looked at is sent again, and what it may have looked at is not. */
    @Test
    void requestsThatAServerRefusesInHttp2GoElsewhere() throws Exception {
        Set<String> seen = ConcurrentHashMap.newKeySet();
        try (Http2Origin origin = new Http2Origin(new Http2Settings(), call -> {
            if (call.line().endsWith("/cut")) {
                call.cut();
            } else if (!seen.add(call.line()) || call.line().endsWith("/good")) {
                call.answer("good");
            } else if (call.line().endsWith("/refused")) {
                call.reset(Http2Error.REFUSED_STREAM);
            } else {
                call.refuseAllFromHere();
            }
        })) {
            configure("\"127.0.0.1:" + origin.port() + "\": {}", ", \"http2\": true, \"request_buffering\": true");
            try (Http http = Http.tcp(port)) {
                for (String[] row : new String[][] {{"POST /good", "200"}, {"POST /refused", "200"},
                    {"POST /goaway", "200"}, {"POST /good", "200"}, {"POST /cut", "502"}, {"GET /good", "200"}}) {
                    assertEquals(row[1], String.valueOf(http.exchange(row[0]
                        + " HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx").status()), row[0]);
                }
                assertEquals(502, http.exchange("GET /good HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: "
                    + "websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                    .status(), "it does not know RFC 8441");
            }
            assertEquals(1, origin.calls().stream().filter(call -> call.line().equals("POST /cut")).count());
        }
    }

    /** A client that does not read its answer keeps nobody else from theirs, which come on the same connection. */
    @Test
    void aClientThatDoesNotReadStopsNobodyInHttp2() throws Exception {
        String big = "b".repeat(20_000_000);
        try (Http2Origin origin = new Http2Origin(new Http2Settings(),
            call -> call.answer(call.line().endsWith("/big") ? big : "small"))) {
            configure("\"127.0.0.1:" + origin.port() + "\": {}", ", \"http2\": true");
            try (Http slow = Http.tcp(port)) {
                slow.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
                Await.until("it is asked for", () -> !origin.calls().isEmpty());
                Await.until("a small one came on the same connection", () -> {
                    assertEquals("small", Http.get(port, "/small").text());
                    return origin.calls().stream().filter(call -> call.connection() == 1).count() > 1;
                });
                assertTrue(control("/u").contains("\"active\":1"), control("/u"));
                assertEquals(big, slow.response(false).text());
            }
        }
    }

    @Test
    void serversWithTlsProveWhoTheyAre() throws Exception {
        OpenSsl openssl = new OpenSsl(server.base().resolve("tmp"));
        openssl.selfSigned("one", "rsa:2048");
        openssl.selfSigned("two", "rsa:2048");
        for (String name : List.of("one", "two")) {
            String content = openssl.join(name + ".crt", name + ".key");
            assertEquals(200, server.control().put("/certificates/" + name, content).status());
        }
        int secure = Distribution.freePorts(1).getFirst();
        for (String[] row : new String[][] {{"{\"ca\": \"one\"}", "200"}, {"{\"ca\": \"two\"}", "502"}, {"{}", "502"},
            {"{\"verify\": false}", "200"}, {"{\"ca\": \"one\", \"server_name\": \"www.one.example\"}", "200"},
            {"{\"ca\": \"one\", \"server_name\": \"two.example\"}", "502"},
            {"{\"ca\": \"one\", \"certificate\": \"two\"}", "200"}}) {
            server.control().apply("/config", """
                {"settings": {"http": {"max_body_size": 100000000}},
                 "listeners": {"127.0.0.1:%d": {"pass": "upstreams/u"},
                               "127.0.0.1:%d": {"pass": "routes", "tls": {"certificate": "one"}}},
                 "routes": [{"action": {"proxy": "http://127.0.0.1:%d"}}],
                 "upstreams": {"u": {"servers": {"127.0.0.1:%d": {}}, "tls": %s}}}"""
                .formatted(port, secure, a.port(), secure, row[0]));
            assertEquals(row[1], String.valueOf(Http.get(port, "/").status()), row[0]);
            if (row[1].equals("200")) {
                assertEquals(Map.of("a", 20), ask(20, "/"));
                try (Http http = Http.tcp(port)) {
                    http.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n");
                    http.send(new byte[5_000_000]);
                    assertEquals("a", http.response(false).text());
                }
            }
        }
        assertEquals(400, server.control().delete("/certificates/two").status(), "it is used");
    }
}
